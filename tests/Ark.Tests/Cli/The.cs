namespace Ark.Tests.Cli;

internal static class The
{
    public const string Host = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
    public const string OtherHost = "210987654321.dkr.ecr.eu-west-1.amazonaws.com";
    public const string Secret = "SENTINEL-frozen-login";
    public const string Password = "SENTINEL-password";
}
