namespace Ark.Core.Sources;

/// <summary>A program that prints a secret, or JSON with <c>username</c>, <c>secret</c> and <c>expiresAt</c>.</summary>
/// <param name="Arguments">The program and its arguments; no shell sees them.</param>
/// <param name="Username">The user name where the program prints the secret alone.</param>
/// <param name="Lifetime">How long a secret is kept that comes without its expiry. Zero: it is run each time.</param>
public sealed record CommandSource(ValueList<string> Arguments, string? Username, TimeSpan Lifetime) : RegistrySource
{
    public override string Type => "command";

    public override string? KnownUsername => Username;
}
