using Ark.Core.Problems;

namespace Ark.Aws.Sdk;

/// <summary>The failures that only repositories have. Whether a repository is there and whether one may touch it are two things.</summary>
internal static class RepositoryFailure
{
    /// <summary>The problem, or null when the code is none of them.</summary>
    /// <param name="code">AWS's code.</param>
    /// <param name="said">Code and message, fit to be shown.</param>
    /// <param name="call">The call, whose object names the repository and its registry.</param>
    public static Problem? Describe(string code, string said, AwsCall call) => code switch
    {
        "RepositoryNotFoundException" => new Problem(
            ProblemKind.RepositoryNotFound, $"there is no repository {call.Object}", "look at those that there are with: ark repo list"),
        "RepositoryAlreadyExistsException" => new Problem(
            ProblemKind.RepositoryExists, $"there is a repository {call.Object} already", "use it as it is; --if-not-exists takes that for success"),
        "RepositoryNotEmptyException" => new Problem(
            ProblemKind.RepositoryRefused, $"the repository {call.Object} holds images", "delete them first, or delete them with it: --force"),
        "LimitExceededException" when call.Action == "ecr:CreateRepository" => new Problem(
            ProblemKind.RepositoryRefused,
            $"the quota of repositories is used up at {call} ({said})",
            "delete some, or have the quota raised in Service Quotas"),
        "InvalidParameterException" or "InvalidTagParameterException" or "TooManyTagsException" or "KmsException" when call is { Object: not null } && call.Action.StartsWith("ecr:", StringComparison.Ordinal) => new Problem(
            ProblemKind.RepositoryRefused, $"AWS refused {call} ({said})", "check the settings of new repositories in the configuration"),
        _ => null,
    };
}
