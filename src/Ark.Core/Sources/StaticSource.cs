namespace Ark.Core.Sources;

/// <summary>A password that stays as it is.</summary>
/// <param name="Username">The user name; null where the place that keeps the secret knows it too.</param>
/// <param name="Secret">Where it is kept.</param>
public sealed record StaticSource(string? Username, SecretReference Secret) : RegistrySource
{
    public override string Type => "static";

    public override string? KnownUsername => Username;
}
