namespace Ark.Testing.Aws;

/// <summary>A registry password that the stand-in gave out.</summary>
/// <param name="Password">What a client sends as the password of user <c>AWS</c>.</param>
/// <param name="Principal">Whom it stands for.</param>
/// <param name="Region">Where it is good.</param>
/// <param name="Service"><c>ecr</c> or <c>ecr-public</c>.</param>
/// <param name="IssuedAt">By the stand-in's clock.</param>
/// <param name="ExpiresAt">By the stand-in's clock.</param>
public sealed record IssuedToken(
    string Password, Principal Principal, string Region, string Service, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt);
