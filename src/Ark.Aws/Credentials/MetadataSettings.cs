using System.Net;
using System.Security.Cryptography;
using System.Text;
using Ark.Aws.Profiles;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Wire;

namespace Ark.Aws.Credentials;

/// <summary>
/// Says where the metadata endpoints are. For a caller's own identity its variables count; for an organization those with which the daemon
/// itself was started, since a caller's must not decide about it.
/// </summary>
/// <param name="variables">Those variables.</param>
/// <param name="areOfRequest">Whether they came with a request.</param>
internal sealed class MetadataSettings(CallerIdentity variables, bool areOfRequest)
{
    public const string TokenVariable = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
    public const string TokenFileVariable = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
    public const string InstanceHost = "169.254.169.254";

    private const string DisabledVariable = "AWS_EC2_METADATA_DISABLED";
    private const string EndpointVariable = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
    private const string ModeVariable = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE";
    private const string RelativeVariable = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
    private const string FullVariable = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

    /// <summary>Where ECS answers, for every task.</summary>
    private const string TaskEndpoint = "http://169.254.170.2";

    /// <summary>ECS, and the agent of EKS Pod Identity.</summary>
    private static readonly IPAddress[] Agents =
        [IPAddress.Parse("169.254.170.2"), IPAddress.Parse("169.254.170.23"), IPAddress.Parse("fd00:ec2::23")];

    /// <summary>Whether somebody says that there is a container endpoint.</summary>
    public bool HaveContainer => (variables[RelativeVariable] ?? variables[FullVariable]) is not null;

    /// <summary>Why there are no keys in the environment either, for a profile that wants them.</summary>
    public string NoKeys => areOfRequest
        ? "AWS_ACCESS_KEY_ID is not set"
        : "a caller's environment does not count for an organization";

    /// <summary>Whether keys may be fetched from there without TLS: the answer stays on this machine.</summary>
    public static bool MayBePlain(IPAddress address) => IPAddress.IsLoopback(address) || Agents.Contains(address);

    public Outcome<CredentialProvider> Container(ProfileFiles files)
    {
        if (!ContainerUrl().Succeeded(out string? url, out Problem? problem))
        {
            return problem;
        }

        if (variables[TokenFileVariable] is { } named)
        {
            return files.Absolute(named) is { } file
                ? new CredentialProvider.Container(url, file, Token: null, $"{url} {file}")
                : new Problem(
                    ProblemKind.BadSetting,
                    $"{TokenFileVariable} is not an absolute path",
                    $"write the whole path into {TokenFileVariable}");
        }

        ReadOnlySpan<byte> token = variables.Secret(TokenVariable);
        return token.IsEmpty
            ? new CredentialProvider.Container(url, TokenFile: null, Token: null, url)
            : new CredentialProvider.Container(url, null, variables, $"{url} {Convert.ToHexStringLower(SHA256.HashData(token))}")
            {
                IsOfRequest = areOfRequest,
            };
    }

    /// <summary>The instance's metadata service; a problem where it is switched off.</summary>
    /// <param name="profile">The profile whose settings count, or null.</param>
    public Outcome<CredentialProvider> Instance(IniSection? profile)
    {
        if (string.Equals(variables[DisabledVariable], "true", StringComparison.OrdinalIgnoreCase))
        {
            return new Problem(
                ProblemKind.NoCredentials, $"instance metadata is switched off by {DisabledVariable}", $"unset {DisabledVariable}");
        }

        (string name, string? endpoint) = variables[EndpointVariable] is { } own
            ? (EndpointVariable, own)
            : ("ec2_metadata_service_endpoint", profile?["ec2_metadata_service_endpoint"]);
        if (endpoint is not null)
        {
            return Address(endpoint) is { Query.Length: 0 } address
                ? new CredentialProvider.Instance(address.GetLeftPart(UriPartial.Path).TrimEnd('/'))
                : new Problem(ProblemKind.BadSetting, $"{name} is not an http(s) address", $"correct {name}, or unset it");
        }

        (name, string? mode) = variables[ModeVariable] is { } chosen
            ? (ModeVariable, chosen)
            : ("ec2_metadata_service_endpoint_mode", profile?["ec2_metadata_service_endpoint_mode"]);
        return mode?.ToUpperInvariant() switch
        {
            null or "IPV4" => new CredentialProvider.Instance($"http://{InstanceHost}"),
            "IPV6" => new CredentialProvider.Instance("http://[fd00:ec2::254]"),
            _ => new Problem(
                ProblemKind.BadSetting, $"{name} is {TextSanitizer.Name(mode)}, and neither IPv4 nor IPv6", $"set {name} to IPv4 or IPv6"),
        };
    }

    private Outcome<string> ContainerUrl()
    {
        if (variables[RelativeVariable] is { } relative)
        {
            return relative[0] == '/' && Address(TaskEndpoint + relative) is { } onTask
                ? onTask.AbsoluteUri
                : new Problem(
                    ProblemKind.BadSetting, $"{RelativeVariable} does not begin with a slash", $"set {RelativeVariable} as ECS does");
        }

        if (variables[FullVariable] is not { } full)
        {
            return areOfRequest
                ? new Problem(
                    ProblemKind.NoCredentials,
                    $"there is no container endpoint: neither {RelativeVariable} nor {FullVariable} is set",
                    "run this where ECS or EKS sets them")
                : new Problem(
                    ProblemKind.NoCredentials,
                    $"the daemon was started without {RelativeVariable} and {FullVariable}; a caller's do not count for an organization",
                    "start it where they are set: ark daemon stop; ark daemon run");
        }

        string? fault =
            Address(full) is not { } address ? "is not an http(s) address"
            : address.Scheme == Uri.UriSchemeHttps || address.HostNameType == UriHostNameType.Dns ||
                (IPAddress.TryParse(address.IdnHost, out IPAddress? host) && MayBePlain(host)) ? null
            : $"names {address.Host}, from which keys are not fetched over plain http";
        return fault is null
            ? Address(full)!.AbsoluteUri
            : new Problem(
                ProblemKind.BadSetting,
                $"{FullVariable} {fault}",
                "use https://, or http:// with a loopback address, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23]");
    }

    private static Uri? Address(string text) =>
        Ascii.IsValid(text) && Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" &&
        uri.UserInfo.Length == 0 && uri.Host.Length > 0
            ? uri
            : null;
}
