using Ark.Core.Sources;

namespace Ark.Core.Repositories;

/// <summary>What an organization's new repositories are like. What is null is left to AWS's own default.</summary>
public sealed record RepositoryDefaults
{
    /// <summary>Everything as AWS has it.</summary>
    public static RepositoryDefaults None { get; } = new();

    /// <summary>Whether a tag may be moved to another image.</summary>
    public TagMutability? Tags { get; init; }

    /// <summary>How images are encrypted where they lie.</summary>
    public RepositoryEncryption? Encryption { get; init; }

    /// <summary>Whether an image is scanned when it is pushed.</summary>
    public bool? ScanOnPush { get; init; }

    /// <summary>AWS's own labels of the repository, at most 50; not the tags of images.</summary>
    public ValueList<ResourceTag> ResourceTags { get; init; } = new([]);

    /// <summary>The JSON text of the lifecycle policy, or null.</summary>
    public string? LifecyclePolicy { get; init; }

    /// <summary>The JSON text of the policy that says who else may use the repository, or null.</summary>
    public string? RepositoryPolicy { get; init; }
}

/// <summary>Whether the tags of images may be moved.</summary>
/// <param name="Immutable">Whether a tag stays with its image.</param>
/// <param name="Except">Patterns with <c>*</c> of tags for which it is the other way round, at most five.</param>
public sealed record TagMutability(bool Immutable, ValueList<string> Except);

/// <summary>How images are encrypted.</summary>
/// <param name="Type">Whose key it is.</param>
/// <param name="Key">The ARN, id or alias of the key, or null for AWS's own.</param>
public sealed record RepositoryEncryption(EncryptionType Type, string? Key);

/// <summary>The three kinds of encryption that ECR has.</summary>
public enum EncryptionType
{
    /// <summary>Keys that ECR keeps itself.</summary>
    Aes256,

    /// <summary>A key in KMS.</summary>
    Kms,

    /// <summary>A key in KMS, and two layers.</summary>
    KmsDsse,
}

/// <summary>One of AWS's labels.</summary>
public sealed record ResourceTag(string Key, string Value);
