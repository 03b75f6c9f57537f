using System.Diagnostics;
using Ark.Aws.Ecr;
using Ark.Core.Repositories;

namespace Ark.Aws;

/// <summary>Says in AWS's words what a new repository is to be like.</summary>
internal static class NewRepository
{
    public static CreateRepositoryRequest Request(RepositoryName name, RepositoryDefaults defaults, string? accountId) => new()
    {
        RegistryId = accountId,
        RepositoryName = name.Path,
        Tags = [.. defaults.ResourceTags.Select(tag => new Tag(tag.Key, tag.Value))],
        ImageTagMutability = defaults.Tags is { } tags ? Word(tags) : null,
        ImageTagMutabilityExclusionFilters = [.. defaults.Tags?.Except.Select(filter => new ImageTagMutabilityExclusionFilter("WILDCARD", filter)) ?? []],
        ImageScanningConfiguration = defaults.ScanOnPush is { } scan ? new ImageScanningConfiguration(scan) : null,
        EncryptionConfiguration = defaults.Encryption is { } encryption
            ? new EncryptionConfiguration(Word(encryption.Type), encryption.Key)
            : null,
    };

    private static string Word(TagMutability tags) =>
        (tags.Immutable ? "IMMUTABLE" : "MUTABLE") + (tags.Except.Count > 0 ? "_WITH_EXCLUSION" : "");

    private static string Word(EncryptionType type) => type switch
    {
        EncryptionType.Aes256 => "AES256",
        EncryptionType.Kms => "KMS",
        EncryptionType.KmsDsse => "KMS_DSSE",
        _ => throw new UnreachableException(),
    };
}
