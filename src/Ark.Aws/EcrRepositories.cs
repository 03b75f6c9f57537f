using System.Diagnostics;
using Ark.Aws.Calls;
using Ark.Aws.Ecr;
using Ark.Aws.Identity;
using Ark.Core.Problems;
using Ark.Core.Repositories;
using Ark.Core.Resolving;
using Ark.Core.Sources;

namespace Ark.Aws;

/// <summary>
/// Lists, creates and deletes repositories of a private ECR registry, in the account that the source names. A role of the configuration is
/// assumed without its scope, which is for pulling and pushing. Nothing is kept; each call asks AWS within 20 seconds.
/// </summary>
public sealed class EcrRepositories(AwsAccess access)
{
    /// <summary>As many as fit below the most that is read of an answer, whatever their names' length.</summary>
    private const int PageSize = 500;

    /// <summary>One page of the repositories below a prefix. A page may be empty and still not be the last.</summary>
    /// <param name="source">The registry and who asks.</param>
    /// <param name="caller">Whose home counts.</param>
    /// <param name="prefix">Without slashes at the ends; empty for the whole registry.</param>
    /// <param name="nextToken">What the page before gave, or null for the first.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<Outcome<RepositoryPage>> ListAsync(
        EcrSource source, CallerIdentity caller, string prefix, string? nextToken, CancellationToken cancellationToken) =>
        RunAsync<RepositoryPage>(source, caller, async calls =>
        {
            var request = new DescribeRepositoriesRequest { RegistryId = source.AccountId, MaxResults = PageSize, NextToken = nextToken };
            Outcome<DescribeRepositoriesResponse> outcome = await calls.AskAsync(
                "ecr:DescribeRepositories", "", ecr => ecr.DescribeRepositoriesAsync(request, calls.CancellationToken));
            if (!outcome.Succeeded(out DescribeRepositoriesResponse? page, out Problem? problem))
            {
                return problem;
            }

            IEnumerable<string> names = page.Repositories.Select(repository => repository.RepositoryName).OfType<string>();
            return new RepositoryPage([.. names.Where(name => IsBelow(prefix, name))], page.NextToken);
        }, cancellationToken);

    /// <summary>
    /// Creates a repository with its policies. One that exists already is <see cref="ProblemKind.RepositoryExists"/>, or with
    /// <paramref name="ifNotExists"/> left as it is.
    /// </summary>
    public Task<Outcome<CreatedRepository>> CreateAsync(
        EcrSource source,
        CallerIdentity caller,
        RepositoryName name,
        RepositoryDefaults defaults,
        bool ifNotExists,
        CancellationToken cancellationToken) =>
        RunAsync<CreatedRepository>(source, caller, async calls =>
        {
            CreateRepositoryRequest request = NewRepository.Request(name, defaults, source.AccountId);
            Outcome<CreateRepositoryResponse> outcome =
                await calls.AskAsync("ecr:CreateRepository", name.Path, ecr => ecr.CreateRepositoryAsync(request, calls.CancellationToken));
            if (!outcome.Succeeded(out _, out Problem? problem))
            {
                return ifNotExists && await ExistsAsync(calls, name, problem) ? new CreatedRepository(name, Existed: true) : problem;
            }

            return await SetPoliciesAsync(calls, name, defaults) is { } half ? half : new CreatedRepository(name, Existed: false);
        }, cancellationToken);

    /// <summary>Deletes a repository; one that holds images only with <paramref name="force"/>.</summary>
    public Task<Outcome<RepositoryName>> DeleteAsync(
        EcrSource source, CallerIdentity caller, RepositoryName name, bool force, CancellationToken cancellationToken) =>
        RunAsync<RepositoryName>(source, caller, async calls =>
        {
            var request = new DeleteRepositoryRequest { RegistryId = source.AccountId, RepositoryName = name.Path, Force = force };
            Outcome<DeleteRepositoryResponse> outcome =
                await calls.AskAsync("ecr:DeleteRepository", name.Path, ecr => ecr.DeleteRepositoryAsync(request, calls.CancellationToken));
            return outcome.Succeeded(out _, out Problem? problem) ? name : problem;
        }, cancellationToken);

    /// <summary>
    /// Whether a repository that could not be created is there. Who may push may often look but not create, and is told only the latter.
    /// </summary>
    private static async Task<bool> ExistsAsync(RegistryCalls calls, RepositoryName name, Problem refusal)
    {
        if (refusal.Kind != ProblemKind.AccessDenied)
        {
            return refusal.Kind == ProblemKind.RepositoryExists;
        }

        var request = new DescribeRepositoriesRequest { RegistryId = calls.AccountId, RepositoryName = name.Path };
        Outcome<DescribeRepositoriesResponse> outcome = await calls.AskAsync(
            "ecr:DescribeRepositories", name.Path, ecr => ecr.DescribeRepositoriesAsync(request, calls.CancellationToken));
        return outcome.Succeeded(out _, out _);
    }

    /// <summary>Null, or what stands between a repository that was just created and its policies.</summary>
    private static async Task<Problem?> SetPoliciesAsync(RegistryCalls calls, RepositoryName name, RepositoryDefaults defaults)
    {
        Problem? problem = null;
        if (defaults.LifecyclePolicy is { } lifecycle)
        {
            var request = new PutLifecyclePolicyRequest
            {
                RegistryId = calls.AccountId,
                RepositoryName = name.Path,
                LifecyclePolicyText = lifecycle,
            };
            problem = await SetAsync(
                "PutLifecyclePolicy", "lifecycle policy", ecr => ecr.PutLifecyclePolicyAsync(request, calls.CancellationToken));
        }

        if (problem is null && defaults.RepositoryPolicy is { } policy)
        {
            var request = new SetRepositoryPolicyRequest { RegistryId = calls.AccountId, RepositoryName = name.Path, PolicyText = policy };
            problem = await SetAsync(
                "SetRepositoryPolicy", "repository policy", ecr => ecr.SetRepositoryPolicyAsync(request, calls.CancellationToken));
        }

        return problem;

        async Task<Problem?> SetAsync<T>(string action, string what, Func<AmazonECRClient, Task<T>> set)
            where T : class
        {
            Outcome<T> outcome = await calls.AskAsync($"ecr:{action}", name.Path, set);
            return outcome.Succeeded(out _, out Problem? refusal) ? null : refusal with
            {
                Message = $"{name} was created, but without its {what}: {refusal.Message}",
                Hint = $"{refusal.Hint}; then delete the repository and create it again",
            };
        }
    }

    private static bool IsBelow(string prefix, string name) =>
        prefix.Length == 0 ||
        (name.Length > prefix.Length && name[prefix.Length] == '/' && name.StartsWith(prefix, StringComparison.Ordinal));

    private async Task<Outcome<T>> RunAsync<T>(
        EcrSource source, CallerIdentity caller, Func<RegistryCalls, Task<Outcome<T>>> work, CancellationToken cancellationToken)
        where T : class
    {
        EcrSource unlimited = source with { Role = source.Role is { } role ? role with { Scope = null } : null };
        if (!access.Identities.Find(unlimited, caller).Succeeded(out AwsIdentity? identity, out Problem? problem))
        {
            return problem;
        }

        return await access.Session.RunAsync<T>(
            identity,
            AwsSession.Deadline,
            (fetch, keys, limited) => work(new RegistryCalls(fetch, keys, identity, source, limited)),
            cancellationToken);
    }

    /// <summary>Calls to one registry, each of which names it when it fails.</summary>
    private sealed class RegistryCalls(
        AwsFetch fetch, AwsKeys keys, AwsIdentity identity, EcrSource source, CancellationToken cancellationToken)
    {
        private readonly AmazonECRClient _ecr = new(fetch, keys, source.Region);

        public string? AccountId => source.AccountId;

        public CancellationToken CancellationToken => cancellationToken;

        public Task<Outcome<T>> AskAsync<T>(string action, string repository, Func<AmazonECRClient, Task<T>> ask)
            where T : class
        {
            string registry = $"registry {source.AccountId} ({source.Region})";
            string what = repository.Length == 0 ? registry : $"{repository} in {registry}";
            var call = new AwsCall(action, identity.Name, what, RepeatsWhenBusy: true);
            return fetch.Caller.CallAsync(call, fetch.Endpoints.Ecr, keys.Secrets, () => ask(_ecr), cancellationToken);
        }
    }
}

/// <summary>Some repositories of a registry.</summary>
/// <param name="Names">Their whole names, in the order of AWS.</param>
/// <param name="NextToken">Asks for the next page; null when this was the last.</param>
public sealed record RepositoryPage(IReadOnlyList<string> Names, string? NextToken);

/// <summary>A repository that there is now.</summary>
/// <param name="Name">Its whole name.</param>
/// <param name="Existed">Whether it was there before, and was left as it was.</param>
public sealed record CreatedRepository(RepositoryName Name, bool Existed);

/// <summary>Says in AWS's words what a new repository is to be like.</summary>
internal static class NewRepository
{
    public static CreateRepositoryRequest Request(RepositoryName name, RepositoryDefaults defaults, string? accountId) => new()
    {
        RegistryId = accountId,
        RepositoryName = name.Path,
        Tags = [.. defaults.ResourceTags.Select(tag => new Tag(tag.Key, tag.Value))],
        ImageTagMutability = defaults.Tags is { } tags ? Word(tags) : null,
        ImageTagMutabilityExclusionFilters =
            [.. defaults.Tags?.Except.Select(filter => new ImageTagMutabilityExclusionFilter("WILDCARD", filter)) ?? []],
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
