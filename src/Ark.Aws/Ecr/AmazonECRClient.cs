using System.Text.Json;
using Ark.Aws.Calls;
using Ark.Wire;

namespace Ark.Aws.Ecr;

/// <summary>
/// Amazon ECR, under the names that AWSSDK.ECR uses, so that the package can take this folder's place (decision 0013). Only members that
/// somebody here uses are written and read.
/// </summary>
internal sealed class AmazonECRClient(AwsFetch fetch, AwsKeys keys, string region) : JsonService(fetch, keys, region, "ecr")
{
    private const string Service = "AmazonEC2ContainerRegistry_V20150921.";

    // RegistryIds is deprecated by AWS: the token is the principal's, whatever registries one names.
    public Task<GetAuthorizationTokenResponse> GetAuthorizationTokenAsync(CancellationToken cancellationToken) => InvokeAsync(
        Service + "GetAuthorizationToken",
        static _ => { },
        static answer => new GetAuthorizationTokenResponse(answer.RequiredList("authorizationData", AuthorizationData.Read)),
        cancellationToken);

    public Task<DescribeRepositoriesResponse> DescribeRepositoriesAsync(
        DescribeRepositoriesRequest request, CancellationToken cancellationToken) => InvokeAsync(
            Service + "DescribeRepositories",
            request.Write,
            static answer => new DescribeRepositoriesResponse(
                answer.RequiredList("repositories", Repository.Read), answer.Text("nextToken")),
            cancellationToken);

    public Task<CreateRepositoryResponse> CreateRepositoryAsync(CreateRepositoryRequest request, CancellationToken cancellationToken) =>
        InvokeAsync(
            Service + "CreateRepository",
            request.Write,
            static answer => new CreateRepositoryResponse(Repository.Read(answer.GetProperty("repository"))),
            cancellationToken);

    public Task<DeleteRepositoryResponse> DeleteRepositoryAsync(DeleteRepositoryRequest request, CancellationToken cancellationToken) =>
        InvokeAsync(
            Service + "DeleteRepository",
            request.Write,
            static answer => new DeleteRepositoryResponse(Repository.Read(answer.GetProperty("repository"))),
            cancellationToken);

    public Task<PutLifecyclePolicyResponse> PutLifecyclePolicyAsync(
        PutLifecyclePolicyRequest request, CancellationToken cancellationToken) => InvokeAsync(
            Service + "PutLifecyclePolicy",
            request.Write,
            static answer => new PutLifecyclePolicyResponse(answer.Text("repositoryName")),
            cancellationToken);

    public Task<SetRepositoryPolicyResponse> SetRepositoryPolicyAsync(
        SetRepositoryPolicyRequest request, CancellationToken cancellationToken) => InvokeAsync(
            Service + "SetRepositoryPolicy",
            request.Write,
            static answer => new SetRepositoryPolicyResponse(answer.Text("repositoryName")),
            cancellationToken);
}

/// <summary>The public gallery, under the names that AWSSDK.ECRPublic uses. Only us-east-1 issues tokens.</summary>
internal sealed class AmazonECRPublicClient(AwsFetch fetch, AwsKeys keys, string region) : JsonService(fetch, keys, region, "ecr-public")
{
    /// <summary>An answer with the one token: an object here, where the private service answers with a list.</summary>
    public Task<GetAuthorizationTokenResponse> GetAuthorizationTokenAsync(CancellationToken cancellationToken) => InvokeAsync(
        "SpencerFrontendService.GetAuthorizationToken",
        static _ => { },
        static answer => new GetAuthorizationTokenResponse([AuthorizationData.Read(answer.GetProperty("authorizationData"))]),
        cancellationToken);
}

/// <summary>The tokens that AWS issued; without <c>registryIds</c> there is one. Whoever has it disposes of it, which wipes them.</summary>
internal sealed record GetAuthorizationTokenResponse(List<AuthorizationData> AuthorizationData) : IDisposable
{
    public void Dispose() => AuthorizationData.ForEach(static data => data.AuthorizationToken?.Dispose());
}

/// <summary>One token: base64 of <c>AWS:password</c>, its expiry, and the registry AWS names with it.</summary>
/// <param name="AuthorizationToken">Bytes, where the package has a string.</param>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="ProxyEndpoint">The private registry of whoever asked: <c>https://</c> and its host.</param>
internal sealed record AuthorizationData(Secret? AuthorizationToken, DateTimeOffset? ExpiresAt, string? ProxyEndpoint)
{
    public static AuthorizationData Read(JsonElement data) =>
        new(data.Secret("authorizationToken", isKept: false), data.Seconds("expiresAt"), data.Text("proxyEndpoint"));
}

/// <summary>A repository, as far as anybody here looks.</summary>
internal sealed record Repository(string? RepositoryName)
{
    public static Repository Read(JsonElement repository) => new(repository.Text("repositoryName"));
}

/// <summary>Asks for one page of a registry's repositories, or for one by its name. There is no filter by prefix.</summary>
internal sealed class DescribeRepositoriesRequest
{
    public string? RegistryId { get; set; }

    /// <summary>The only one wanted, without size and token of a page, or null.</summary>
    public string? RepositoryName { get; set; }

    public int? MaxResults { get; set; }

    public string? NextToken { get; set; }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteOptional("registryId", RegistryId);
        if (RepositoryName is { } only)
        {
            json.WriteStartArray("repositoryNames");
            json.WriteStringValue(only);
            json.WriteEndArray();
        }

        json.WriteOptional("nextToken", NextToken);
        if (MaxResults is { } most)
        {
            json.WriteNumber("maxResults", most);
        }
    }
}

/// <summary>The page; <paramref name="NextToken"/> is null on the last.</summary>
internal sealed record DescribeRepositoriesResponse(List<Repository> Repositories, string? NextToken);

/// <summary>What each request about one repository says.</summary>
internal abstract class RepositoryRequest
{
    public string? RegistryId { get; set; }

    public required string RepositoryName { get; set; }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteOptional("registryId", RegistryId);
        json.WriteString("repositoryName", RepositoryName);
        WriteRest(json);
    }

    protected abstract void WriteRest(Utf8JsonWriter json);
}

/// <summary>Creates a repository. What is null is left to AWS.</summary>
internal sealed class CreateRepositoryRequest : RepositoryRequest
{
    public List<Tag> Tags { get; set; } = [];

    /// <summary><c>MUTABLE</c>, <c>IMMUTABLE</c>, or one of them with <c>_WITH_EXCLUSION</c>.</summary>
    public string? ImageTagMutability { get; set; }

    public List<ImageTagMutabilityExclusionFilter> ImageTagMutabilityExclusionFilters { get; set; } = [];

    public ImageScanningConfiguration? ImageScanningConfiguration { get; set; }

    public EncryptionConfiguration? EncryptionConfiguration { get; set; }

    protected override void WriteRest(Utf8JsonWriter json)
    {
        json.WriteOptional("imageTagMutability", ImageTagMutability);
        json.WriteList("imageTagMutabilityExclusionFilters", ImageTagMutabilityExclusionFilters, static (json, filter) =>
        {
            json.WriteString("filterType", filter.FilterType);
            json.WriteString("filter", filter.Filter);
        });
        json.WriteList("tags", Tags, static (json, tag) =>
        {
            json.WriteString("Key", tag.Key);
            json.WriteString("Value", tag.Value);
        });
        if (ImageScanningConfiguration is { } scanning)
        {
            json.WriteStartObject("imageScanningConfiguration");
            json.WriteBoolean("scanOnPush", scanning.ScanOnPush);
            json.WriteEndObject();
        }

        if (EncryptionConfiguration is { } encryption)
        {
            json.WriteStartObject("encryptionConfiguration");
            json.WriteString("encryptionType", encryption.EncryptionType);
            json.WriteOptional("kmsKey", encryption.KmsKey);
            json.WriteEndObject();
        }
    }
}

internal sealed record CreateRepositoryResponse(Repository Repository);

/// <summary>One of AWS's labels.</summary>
internal sealed record Tag(string Key, string Value);

/// <summary>A pattern of tags for which mutability is the other way round.</summary>
internal sealed record ImageTagMutabilityExclusionFilter(string FilterType, string Filter);

/// <summary>Whether images are scanned when they are pushed.</summary>
internal sealed record ImageScanningConfiguration(bool ScanOnPush);

/// <summary><c>AES256</c>, <c>KMS</c> or <c>KMS_DSSE</c>, and the key of the latter two.</summary>
internal sealed record EncryptionConfiguration(string EncryptionType, string? KmsKey);

/// <summary>Deletes a repository; one that holds images only by force.</summary>
internal sealed class DeleteRepositoryRequest : RepositoryRequest
{
    public bool Force { get; set; }

    protected override void WriteRest(Utf8JsonWriter json) => json.WriteBoolean("force", Force);
}

internal sealed record DeleteRepositoryResponse(Repository Repository);

/// <summary>Says which images expire; replaces what was said before.</summary>
internal sealed class PutLifecyclePolicyRequest : RepositoryRequest
{
    public required string LifecyclePolicyText { get; set; }

    protected override void WriteRest(Utf8JsonWriter json) => json.WriteString("lifecyclePolicyText", LifecyclePolicyText);
}

internal sealed record PutLifecyclePolicyResponse(string? RepositoryName);

/// <summary>Says who may use a repository; replaces what was said before.</summary>
internal sealed class SetRepositoryPolicyRequest : RepositoryRequest
{
    public required string PolicyText { get; set; }

    protected override void WriteRest(Utf8JsonWriter json) => json.WriteString("policyText", PolicyText);
}

internal sealed record SetRepositoryPolicyResponse(string? RepositoryName);
