namespace Ark.Testing.Registries;

/// <summary>A request that reached the registry.</summary>
public sealed record RegistryRequest(string Method, string Host, string Path, AuthOutcome Outcome);
