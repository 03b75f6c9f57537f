namespace Ark.Testing.Aws;

/// <summary>A call that reached the stand-in, also when it was refused.</summary>
/// <param name="Operation">AWS's name, such as <c>GetAuthorizationToken</c>.</param>
/// <param name="Principal">Who signed it; null when nobody did or the signature was refused.</param>
/// <param name="Region">What the signature is scoped to; null without one.</param>
/// <param name="UserAgent">As sent.</param>
/// <param name="At">By the stand-in's clock.</param>
/// <param name="UserError">Why the signature was refused, or null.</param>
public sealed record AwsCall(
    string Operation, Principal? Principal, string? Region, string UserAgent, DateTimeOffset At, SignatureFault? UserError);
