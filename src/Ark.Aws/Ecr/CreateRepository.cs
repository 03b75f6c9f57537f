using Amazon.Runtime;

namespace Ark.Aws.Ecr;

/// <summary>Creates a repository. What is null is left to AWS.</summary>
internal sealed class CreateRepositoryRequest : AmazonWebServiceRequest
{
    public string? RegistryId { get; set; }

    public required string RepositoryName { get; set; }

    public List<Tag> Tags { get; set; } = [];

    /// <summary><c>MUTABLE</c>, <c>IMMUTABLE</c>, or one of them with <c>_WITH_EXCLUSION</c>.</summary>
    public string? ImageTagMutability { get; set; }

    public List<ImageTagMutabilityExclusionFilter> ImageTagMutabilityExclusionFilters { get; set; } = [];

    public ImageScanningConfiguration? ImageScanningConfiguration { get; set; }

    public EncryptionConfiguration? EncryptionConfiguration { get; set; }
}

/// <summary>The new repository.</summary>
internal sealed class CreateRepositoryResponse : AmazonWebServiceResponse
{
    public Repository? Repository { get; set; }
}

/// <summary>One of AWS's labels.</summary>
internal sealed record Tag(string Key, string Value);

/// <summary>A pattern of tags for which mutability is the other way round.</summary>
internal sealed record ImageTagMutabilityExclusionFilter(string FilterType, string Filter);

/// <summary>Whether images are scanned when they are pushed.</summary>
internal sealed record ImageScanningConfiguration(bool ScanOnPush);

/// <summary><c>AES256</c>, <c>KMS</c> or <c>KMS_DSSE</c>, and the key of the latter two.</summary>
internal sealed record EncryptionConfiguration(string EncryptionType, string? KmsKey);
