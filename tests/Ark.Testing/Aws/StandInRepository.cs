using System.Text.Json.Nodes;

namespace Ark.Testing.Aws;

/// <summary>A repository of the stand-in.</summary>
/// <param name="Account">Whose registry it is in.</param>
/// <param name="Region">Where.</param>
/// <param name="Name">The whole name.</param>
/// <param name="RequestContext">The body of the CreateRepository call that made it; an empty object when a test did.</param>
/// <param name="HasImages">Whether it can only be deleted by force.</param>
public sealed record StandInRepository(string Account, string Region, string Name, JsonObject RequestContext, bool HasImages)
{
    /// <summary>What PutLifecyclePolicy said last, or null.</summary>
    public string? LifecyclePolicy { get; init; }

    /// <summary>What SetRepositoryPolicy said last, or null.</summary>
    public string? Policy { get; init; }

    /// <summary>What <c>repositoryUri</c> says.</summary>
    public string Uri => $"{StandInAws.RegistryHost(Account, Region)}/{Name}";
}
