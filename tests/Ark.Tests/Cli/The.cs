using System.Text;

namespace Ark.Tests.Cli;

internal static class The
{
    public const string Host = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
    public const string OtherHost = "210987654321.dkr.ecr.eu-west-1.amazonaws.com";
    public const string Secret = "SENTINEL-stored-login";
    public const string Password = "SENTINEL-password";

    /// <summary>A token of ECR as docker keeps it in <c>auth</c>.</summary>
    public static string Token(DateTimeOffset end) => Base64($"AWS:{Base64(
        $$"""{"payload":"SENTINEL-payload","datakey":"SENTINEL-key","version":"2","type":"DATA_KEY","expiration":{{end.ToUnixTimeSeconds()}}}""")}");

    /// <summary>The password in such a token.</summary>
    public static string PasswordOf(string token) => Encoding.UTF8.GetString(Convert.FromBase64String(token))["AWS:".Length..];

    public static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
