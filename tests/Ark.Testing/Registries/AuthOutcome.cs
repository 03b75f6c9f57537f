namespace Ark.Testing.Registries;

/// <summary>What the registry made of a request's credentials.</summary>
public enum AuthOutcome
{
    /// <summary>None came: 401 with a challenge.</summary>
    Anonymous,

    /// <summary>Not a password that the stand-in for AWS ever issued: 401.</summary>
    Unknown,

    /// <summary>Issued once and past its end: 403 with ECR's text.</summary>
    Expired,

    /// <summary>Good, but for another region or another account's registry: 403.</summary>
    Forbidden,

    /// <summary>Let in.</summary>
    Accepted,
}
