using Ark.Core.Problems;

namespace Ark.Core.Tokens;

/// <summary>What <c>status</c> shows of one host and the token that serves it. Times are UTC; nothing in it is secret.</summary>
public sealed record TokenStatus
{
    /// <summary>The host as it was asked for.</summary>
    public required string Host { get; init; }

    /// <summary>The organization it was served for, or null.</summary>
    public required string? Organization { get; init; }

    /// <summary>The key of the token; hosts with equal keys share one token.</summary>
    public required TokenKey Key { get; init; }

    /// <summary>Who asks, as <see cref="ITokenSource.Identity"/> says.</summary>
    public required string Identity { get; init; }

    /// <summary>The user name that goes with the token, or null when there is none yet.</summary>
    public required string? Username { get; init; }

    /// <summary>The AWS account of whoever asked, or null. The registry may belong to another, which lets this one in.</summary>
    public required string? Account { get; init; }

    public required TokenState State { get; init; }

    /// <summary>When the token ends, or null when there is none.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it is renewed; after a failure, when the next try may come. Null when nothing is planned.</summary>
    public required DateTimeOffset? RefreshAt { get; init; }

    /// <summary>Why the last fetch was made.</summary>
    public required FetchReason LastFetchReason { get; init; }

    /// <summary>Why the last fetch failed, or null when it did not.</summary>
    public required Problem? LastError { get; init; }

    /// <summary>Fetches of the token, for whichever host.</summary>
    public required long Fetches { get; init; }

    /// <summary>Tokens given to this host without waiting for a fetch.</summary>
    public required long Hits { get; init; }

    /// <summary>Where the token comes from, for people: service, region, and the endpoint when it was overridden.</summary>
    public string Source =>
        Key.Service + (Key.Region.Length == 0 ? "" : $" {Key.Region}") + (Key.Endpoint.Length == 0 ? "" : $" at {Key.Endpoint}");
}

/// <summary>How a token is.</summary>
public enum TokenState
{
    /// <summary>Good, and not yet due for renewal.</summary>
    Fresh,

    /// <summary>Due for renewal, or being fetched at this moment.</summary>
    Refreshing,

    /// <summary>None that may be handed out; the next request fetches one.</summary>
    Expired,

    /// <summary>The last fetch failed. A token that is still good is served all the same.</summary>
    Failing,
}

/// <summary>Why a fetch was made.</summary>
public enum FetchReason
{
    /// <summary>No token had been fetched for this key.</summary>
    FirstUse,

    /// <summary>The one at hand had too little life left.</summary>
    Expired,

    /// <summary>The one at hand was past its refresh time; nobody waited.</summary>
    Proactive,

    /// <summary>A person asked for a new one.</summary>
    Forced,

    /// <summary>A client had erased the one at hand.</summary>
    Erased,

    /// <summary>The wall clock went back behind the moment of issue, and the one at hand was dropped.</summary>
    ClockJump,
}
