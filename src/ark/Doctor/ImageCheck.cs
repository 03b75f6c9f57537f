using System.Security.Cryptography;
using Ark.Cli.Credentials;
using Ark.Messages;
using Ark.Wire.Registries;

namespace Ark.Cli.Doctor;

/// <summary>Whether one image can be pulled, asked of its registry itself: missing, forbidden and mistyped are told apart.</summary>
internal static class ImageCheck
{
    public static Check Check { get; } = new("image", Look) { NeedsDaemon = true };

    private static IEnumerable<Finding> Look(Examination examination)
    {
        if (examination.Target?.Contains('/', StringComparison.Ordinal) != true)
        {
            return [Finding.Skip("no image was named: ark doctor HOST/REPOSITORY:TAG")];
        }

        if (examination.IsOffline)
        {
            return [Finding.Skip("--offline asks no registry")];
        }

        ImageDescription image = examination.Queries.Describe(examination.Target);
        if (RegistryLogin.Of(image) is not { } login)
        {
            return [Finding.Skip($"ark has no credentials for {image.Host}")];
        }

        CryptographicOperations.ZeroMemory(image.Secret);
        if (image.Repository is not { Length: > 0 } repository)
        {
            return [Finding.Skip("no image was named: ark doctor HOST/REPOSITORY:TAG")];
        }

        string reference = image.Digest ?? image.Tag ?? "latest";
        using var probe = new RegistryProbe(login, Roots(examination), examination.Clock);
        return [Judge(new ImageName(image.Host, repository, reference), probe.AskAsync(repository, reference).GetAwaiter().GetResult())];
    }

    /// <summary>The same roots as for AWS: who inspects TLS inspects both.</summary>
    private static string? Roots(Examination examination) =>
        examination.Environment("AWS_CA_BUNDLE") is { Length: > 0 } own && File.Exists(own) ? own
            : ConfiguredProxy.Of(examination).CaBundle is { } configured && File.Exists(configured) ? configured
            : null;

    private static Finding Judge(ImageName image, ProbeAnswer answer) => answer switch
    {
        ProbeAnswer.Answered { Status: 200, Digest: var digest } =>
            Finding.Ok($"{image} can be pulled{(digest is null ? "" : $", {digest}")}"),
        ProbeAnswer.Answered { Status: 404, Code: "NAME_UNKNOWN" } =>
            Finding.Fail($"there is no repository {image.Repository} at {image.Host}", $"ark repo create {image.Host}/{image.Repository}"),
        ProbeAnswer.Answered { Status: 404, Code: "MANIFEST_UNKNOWN" } =>
            Finding.Fail($"the repository {image.Repository} at {image.Host} has no {image.Reference}", $"docker push {image}"),
        ProbeAnswer.Answered { HasExpired: true } =>
            Finding.Fail($"{image.Host} says that the token has expired, though ark served it as good", $"ark refresh {image.Host}"),
        ProbeAnswer.Answered { Status: 403 } =>
            Finding.Fail(
                $"{image.Host} knows who asks and does not allow pulling {image.Repository}",
                "allow it the actions ecr:BatchGetImage and ecr:GetDownloadUrlForLayer; the repository's own policy: "
                    + $"aws ecr get-repository-policy --repository-name {image.Repository}{image.RegionOption}"),
        ProbeAnswer.Answered { Status: 401, WantsBearer: true } =>
            Finding.Skip($"{image.Host} has a token service of its own, which was not asked; try: docker pull {image}"),
        ProbeAnswer.Answered { Status: 400 or 401 } =>
            Finding.Fail(
                $"{image.Host} does not accept the token: it is for another account or region than that name says, or no longer good",
                $"ark refresh {image.Host}; where the image really is: "
                    + $"aws ecr describe-repositories --repository-names {image.Repository} --query repositories[].repositoryUri"),
        ProbeAnswer.Answered { Status: >= 300 and < 400 } =>
            Finding.Warn($"{image.Host} redirected; not followed with credentials", $"docker pull {image}"),
        ProbeAnswer.Answered { Status: 429 or >= 500, Status: var status } =>
            Finding.Warn($"{image.Host} answers {status}: it is failing or asks to slow down", $"wait, then: ark doctor {image}"),
        ProbeAnswer.Answered { Status: 404 } =>
            Finding.Fail($"{image} is not there, and what answers at {image.Host} does not say why", $"docker pull {image}"),
        ProbeAnswer.Answered { Status: var status } =>
            Finding.Fail($"{image.Host} answers {status}, which no registry does for a manifest", $"docker pull {image}"),
        ProbeAnswer.Unreachable { Reason: HttpRequestError.NameResolutionError } => Unknown(image),
        ProbeAnswer.Unreachable { Reason: HttpRequestError.SecureConnectionError } =>
            Finding.Fail(
                $"no trusted TLS connection to {image.Host}",
                "where a proxy inspects TLS, name its roots as proxy.caBundle in the configuration, and to docker in /etc/docker/certs.d"),
        ProbeAnswer.Unreachable { Reason: HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError } =>
            Finding.Fail($"{image.Host} cannot be reached", $"check network, VPN and proxy: curl -I https://{image.Host}/v2/"),
        ProbeAnswer.Unreachable =>
            Finding.Fail($"what answers at {image.Host} is no registry", $"curl -I https://{image.Host}/v2/"),
        ProbeAnswer.Silent { Limit: var limit } =>
            Finding.Fail(
                $"{image.Host} did not answer within {limit.TotalSeconds:0} seconds",
                $"check network, VPN and proxy: curl -I https://{image.Host}/v2/"),
        _ => Finding.Skip("the answer is of a kind that is not known"),
    };

    /// <summary>Every account's name resolves in every region that there is, so that it is the region that is wrong.</summary>
    private static Finding Unknown(ImageName image) => Finding.Fail(
        image.Region is { } region
            ? $"{image.Host} cannot be resolved: there is no region {region}, or this machine is offline"
            : $"{image.Host} cannot be resolved: the name is wrong, or this machine is offline",
        image.Region is null ? $"nslookup {image.Host}" : "aws ec2 describe-regions --query Regions[].RegionName --output text");

    private sealed record ImageName(string Host, string Repository, string Reference)
    {
        public string? Region => EcrHost.Match(Host)?.Region;

        public string RegionOption => Region is { } region ? $" --region {region}" : "";

        public override string ToString() => $"{Host}/{Repository}{Separator}{Reference}";

        private char Separator => Reference.Contains(':', StringComparison.Ordinal) ? '@' : ':';
    }
}
