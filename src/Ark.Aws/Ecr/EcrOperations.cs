using System.Text.Json;
using Amazon.Runtime;
using Ark.Aws.Sdk;

namespace Ark.Aws.Ecr;

/// <summary>How the operations of ECR are written and read: only members that somebody here uses.</summary>
internal static class EcrOperations
{
    private const string Service = "AmazonEC2ContainerRegistry_V20150921.";

    // RegistryIds is deprecated by AWS: the token is the principal's, whatever registries one names.
    public static readonly JsonOperation<GetAuthorizationTokenRequest, GetAuthorizationTokenResponse> GetAuthorizationToken = new(
        Service + "GetAuthorizationToken",
        static (_, _) => { },
        static answer => new() { AuthorizationData = answer.RequiredList("authorizationData", ReadAuthorizationData) });

    public static readonly JsonOperation<DescribeRepositoriesRequest, DescribeRepositoriesResponse> DescribeRepositories = new(
        Service + "DescribeRepositories",
        static (json, request) =>
        {
            json.WriteOptional("registryId", request.RegistryId);
            if (request.RepositoryName is { } only)
            {
                json.WriteStartArray("repositoryNames");
                json.WriteStringValue(only);
                json.WriteEndArray();
            }

            json.WriteOptional("nextToken", request.NextToken);
            if (request.MaxResults is { } most)
            {
                json.WriteNumber("maxResults", most);
            }
        },
        static answer => new()
        {
            Repositories = answer.RequiredList("repositories", ReadRepository),
            NextToken = answer.OptionalString("nextToken"),
        });

    public static readonly JsonOperation<CreateRepositoryRequest, CreateRepositoryResponse> CreateRepository = new(
        Service + "CreateRepository", WriteCreateRepository, static answer => new() { Repository = ReadRepository(answer.GetProperty("repository")) });

    public static readonly JsonOperation<DeleteRepositoryRequest, DeleteRepositoryResponse> DeleteRepository = new(
        Service + "DeleteRepository",
        static (json, request) =>
        {
            json.WriteOptional("registryId", request.RegistryId);
            json.WriteString("repositoryName", request.RepositoryName);
            json.WriteBoolean("force", request.Force);
        },
        static answer => new() { Repository = ReadRepository(answer.GetProperty("repository")) });

    public static readonly JsonOperation<PutLifecyclePolicyRequest, PutLifecyclePolicyResponse> PutLifecyclePolicy = new(
        Service + "PutLifecyclePolicy",
        static (json, request) =>
        {
            json.WriteOptional("registryId", request.RegistryId);
            json.WriteString("repositoryName", request.RepositoryName);
            json.WriteString("lifecyclePolicyText", request.LifecyclePolicyText);
        },
        Object<PutLifecyclePolicyResponse>);

    public static readonly JsonOperation<SetRepositoryPolicyRequest, SetRepositoryPolicyResponse> SetRepositoryPolicy = new(
        Service + "SetRepositoryPolicy",
        static (json, request) =>
        {
            json.WriteOptional("registryId", request.RegistryId);
            json.WriteString("repositoryName", request.RepositoryName);
            json.WriteString("policyText", request.PolicyText);
        },
        Object<SetRepositoryPolicyResponse>);

    private static void WriteCreateRepository(Utf8JsonWriter json, CreateRepositoryRequest request)
    {
        json.WriteOptional("registryId", request.RegistryId);
        json.WriteString("repositoryName", request.RepositoryName);
        json.WriteOptional("imageTagMutability", request.ImageTagMutability);
        json.WriteList("imageTagMutabilityExclusionFilters", request.ImageTagMutabilityExclusionFilters, static (json, filter) =>
        {
            json.WriteString("filterType", filter.FilterType);
            json.WriteString("filter", filter.Filter);
        });
        json.WriteList("tags", request.Tags, static (json, tag) =>
        {
            json.WriteString("Key", tag.Key);
            json.WriteString("Value", tag.Value);
        });
        if (request.ImageScanningConfiguration is { } scanning)
        {
            json.WriteStartObject("imageScanningConfiguration");
            json.WriteBoolean("scanOnPush", scanning.ScanOnPush);
            json.WriteEndObject();
        }

        if (request.EncryptionConfiguration is { } encryption)
        {
            json.WriteStartObject("encryptionConfiguration");
            json.WriteString("encryptionType", encryption.EncryptionType);
            json.WriteOptional("kmsKey", encryption.KmsKey);
            json.WriteEndObject();
        }
    }

    private static AuthorizationData ReadAuthorizationData(JsonElement data) => new()
    {
        AuthorizationToken = data.OptionalString("authorizationToken"),
        ExpiresAt = data.OptionalInstant("expiresAt"),
        ProxyEndpoint = data.OptionalString("proxyEndpoint"),
    };

    private static Repository ReadRepository(JsonElement repository) => new()
    {
        RepositoryName = repository.OptionalString("repositoryName"),
        RepositoryUri = repository.OptionalString("repositoryUri"),
    };

    /// <summary>An answer of which nothing is used; it must still be AWS's object and no web page.</summary>
    private static TResponse Object<TResponse>(JsonElement answer)
        where TResponse : AmazonWebServiceResponse, new()
    {
        _ = answer.OptionalString("repositoryName");
        return new TResponse();
    }
}
