namespace Ark.Cli.Docker;

/// <summary>What setup is to bring about, all of it checked: nothing in here can be refused any more.</summary>
internal sealed record SetupRequest
{
    /// <summary>The keys of <c>credHelpers</c> to give to the helper.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>The helper that docker is to ask for them.</summary>
    public string Helper { get; init; } = SetupPlan.Helper;

    /// <summary>The link by which that helper is found, or null.</summary>
    public HelperLink? Link { get; init; }

    /// <summary>Whether ark becomes the store for every other host.</summary>
    public bool TakesStore { get; init; }

    /// <summary>The store from before, as the configuration's fallback helper; null where there is none to write.</summary>
    public FallbackHelperChange? FallbackHelper { get; init; }

    /// <summary>Stored logins to remove from docker's file.</summary>
    public IReadOnlyList<string> RemovedLogins { get; init; } = [];
}

/// <summary>A fallback helper that is to be written into the configuration.</summary>
/// <param name="Configuration">The configuration.</param>
/// <param name="Before">Its bytes as they were found; null when there was no file.</param>
/// <param name="Store">The fallback helper.</param>
internal sealed record FallbackHelperChange(FallbackHelperEdit Configuration, byte[]? Before, string Store);
