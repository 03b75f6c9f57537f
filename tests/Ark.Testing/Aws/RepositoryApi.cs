using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Ark.Testing.Aws;

/// <summary>ECR's operations on repositories, with its limits and its error codes.</summary>
internal sealed partial class RepositoryApi(RepositoryStore store, TimeProvider clock)
{
    private const int DefaultPage = 100;
    private const int LargestPage = 1000;

    private static readonly string[] Mutabilities = ["MUTABLE", "IMMUTABLE", "MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION"];

    /// <summary>Null when the operation is none of them.</summary>
    public AwsAnswer? Answer(string operation, SignatureVerdict.Accepted caller, SignedRequest request)
    {
        var body = JsonNode.Parse(request.BodyText)!.AsObject();
        var account = Text(body, "registryId") ?? caller.Principal.Account;
        return operation switch
        {
            "DescribeRepositories" => Describe(body, account, caller.Region),
            "CreateRepository" => Create(body, account, caller.Region),
            "DeleteRepository" => WithRepository(body, account, caller.Region, repository => Delete(body, repository)),
            "PutLifecyclePolicy" => WithRepository(body, account, caller.Region, repository => PutLifecyclePolicy(body, repository)),
            "SetRepositoryPolicy" => WithRepository(body, account, caller.Region, repository => SetPolicy(body, repository)),
            _ => null,
        };
    }

    private AwsAnswer Describe(JsonObject body, string account, string region)
    {
        var names = body["repositoryNames"]?.AsArray().Select(name => (string)name!).ToList();
        if (names is not null && (body["maxResults"] ?? body["nextToken"]) is not null)
        {
            return Invalid("Invalid parameter: 'maxResults' and 'nextToken' cannot be used with 'repositoryNames'");
        }

        var all = store.In(account, region);
        if (names?.Find(name => all.All(repository => repository.Name != name)) is { } unknown)
        {
            return NotFound(unknown, account);
        }

        var size = (int?)body["maxResults"] ?? DefaultPage;
        if (size is < 1 or > LargestPage)
        {
            return Invalid($"Invalid parameter at 'maxResults' failed to satisfy constraint: 'must be between 1 and {LargestPage}'");
        }

        var start = 0;
        if (Text(body, "nextToken") is { } token && !TryReadToken(token, out start))
        {
            return Invalid("Invalid parameter at 'nextToken' failed to satisfy constraint: 'Invalid nextToken'");
        }

        var page = names is null ? all.Skip(start).Take(size) : all.Where(repository => names.Contains(repository.Name));
        var answer = new JsonObject { ["repositories"] = new JsonArray([.. page.Select(Shape)]) };
        if (names is null && start + size < all.Count)
        {
            answer["nextToken"] = Token(start + size);
        }

        return AwsAnswer.Json(answer);
    }

    private AwsAnswer Create(JsonObject body, string account, string region)
    {
        var name = Text(body, "repositoryName") ?? "";
        if (name.Length is < 2 or > 256 || !Name().IsMatch(name))
        {
            return Invalid($"Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression '{Name()}''");
        }

        var mutability = Text(body, "imageTagMutability") ?? "MUTABLE";
        var filters = body["imageTagMutabilityExclusionFilters"]?.AsArray().Count ?? 0;
        if (!Mutabilities.Contains(mutability) || filters > 5 || mutability.EndsWith("_WITH_EXCLUSION", StringComparison.Ordinal) != filters > 0)
        {
            return Invalid("Invalid parameter at 'imageTagMutabilityExclusionFilters' failed to satisfy constraint");
        }

        if ((body["tags"]?.AsArray().Count ?? 0) > 50)
        {
            return Error("TooManyTagsException", "The list of tags on the repository is over the limit");
        }

        if (store.In(account, region).Count >= store.Limit)
        {
            return Error("LimitExceededException", "The operation did not succeed because it would have exceeded a service limit for your account");
        }

        var repository = new StandInRepository(account, region, name, body, HasImages: false);
        return store.Add(repository)
            ? AwsAnswer.Json(new JsonObject { ["repository"] = Shape(repository) })
            : Error("RepositoryAlreadyExistsException", $"The repository with name '{name}' already exists in the registry with id '{account}'");
    }

    private AwsAnswer Delete(JsonObject body, StandInRepository repository)
    {
        if (repository.HasImages && (bool?)body["force"] != true)
        {
            return Error(
                "RepositoryNotEmptyException",
                $"The repository with name '{repository.Name}' in registry with id '{repository.Account}' cannot be deleted because it still contains images");
        }

        store.Remove(repository);
        return AwsAnswer.Json(new JsonObject { ["repository"] = Shape(repository) });
    }

    private AwsAnswer PutLifecyclePolicy(JsonObject body, StandInRepository repository)
    {
        var text = Text(body, "lifecyclePolicyText") ?? "";
        if (text.Length is < 100 or > 30_720)
        {
            return Invalid("Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure'");
        }

        store.Replace(repository, repository with { LifecyclePolicy = text });
        return AwsAnswer.Json(Named(repository, "lifecyclePolicyText", text));
    }

    private AwsAnswer SetPolicy(JsonObject body, StandInRepository repository)
    {
        var text = Text(body, "policyText") ?? "";
        if (text.Length is 0 or > 10_240)
        {
            return Invalid("Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'");
        }

        store.Replace(repository, repository with { Policy = text });
        return AwsAnswer.Json(Named(repository, "policyText", text));
    }

    private AwsAnswer WithRepository(JsonObject body, string account, string region, Func<StandInRepository, AwsAnswer> answer)
    {
        var name = Text(body, "repositoryName") ?? "";
        return store.Find(account, region, name) is { } repository ? answer(repository) : NotFound(name, account);
    }

    private JsonNode Shape(StandInRepository repository) => new JsonObject
    {
        ["repositoryArn"] = $"arn:aws:ecr:{repository.Region}:{repository.Account}:repository/{repository.Name}",
        ["registryId"] = repository.Account,
        ["repositoryName"] = repository.Name,
        ["repositoryUri"] = repository.Uri,
        ["createdAt"] = clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000m,
        ["imageTagMutability"] = Text(repository.RequestContext, "imageTagMutability") ?? "MUTABLE",
        ["imageScanningConfiguration"] = repository.RequestContext["imageScanningConfiguration"]?.DeepClone() ?? new JsonObject { ["scanOnPush"] = false },
        ["encryptionConfiguration"] = repository.RequestContext["encryptionConfiguration"]?.DeepClone() ?? new JsonObject { ["encryptionType"] = "AES256" },
    };

    private static JsonObject Named(StandInRepository repository, string member, string text) => new()
    {
        ["registryId"] = repository.Account,
        ["repositoryName"] = repository.Name,
        [member] = text,
    };

    private static string? Text(JsonObject body, string name) => (string?)body[name];

    private static string Token(int start) => Convert.ToBase64String(Encoding.ASCII.GetBytes($"from {start}"));

    private static bool TryReadToken(string token, out int start)
    {
        start = 0;
        var bytes = new byte[64];
        return Convert.TryFromBase64String(token, bytes, out var length)
            && Encoding.ASCII.GetString(bytes, 0, length) is { } text
            && text.StartsWith("from ", StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out start);
    }

    private static AwsAnswer NotFound(string name, string account) =>
        Error("RepositoryNotFoundException", $"The repository with name '{name}' does not exist in the registry with id '{account}'");

    private static AwsAnswer Invalid(string message) => Error("InvalidParameterException", message);

    private static AwsAnswer Error(string code, string message) => AwsAnswer.Error(AwsProtocol.Json11, 400, code, message);

    [GeneratedRegex(@"\A(?:[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*/)*[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*\z")]
    private static partial Regex Name();
}
