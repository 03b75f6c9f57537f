namespace Ark.Testing.Aws;

/// <summary>Somebody the stand-in knows: an IAM user with lasting keys, or the session of an assumed role.</summary>
/// <param name="AccessKeyId">The public half of the key.</param>
/// <param name="Secret">The secret half.</param>
/// <param name="SessionToken">The token that must come with the key, or null for lasting keys.</param>
/// <param name="Account">Twelve digits.</param>
/// <param name="Arn">As AWS prints it in its own errors.</param>
/// <param name="ExpiresAt">When a session ends; null never.</param>
public sealed record Principal(
    string AccessKeyId, string Secret, string? SessionToken, string Account, string Arn, DateTimeOffset? ExpiresAt)
{
    /// <summary>The last part of the ARN: the user's name, or the session's.</summary>
    public string Name => Arn[(Arn.LastIndexOf('/') + 1)..];
}
