using System.Security.Cryptography;
using System.Text;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Secrets;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Wire;

namespace Ark.Daemon.Sources;

/// <summary>Credentials that another docker credential helper keeps.</summary>
internal sealed class HelperTokenSource(
    HelperSource source, string host, CallerContext context, DockerHelper helpers, TimeProvider time) : ITokenSource
{
    private readonly string _server = source.Server ?? host;

    public TokenKey Key { get; } = SourceKey.Of(
        source.Type, source.Server ?? host, DockerHelper.ProgramOf(source.Program), context, SourceKey.Text(source.Lifetime));

    public string Identity => TextSanitizer.Name(DockerHelper.ProgramOf(source.Program));

    /// <summary>Never: it may ask somebody for a passphrase, who then has to know why.</summary>
    public bool OutlivesRequest => false;

    public async Task<FetchOutcome> FetchAsync(CancellationToken cancellationToken)
    {
        if (!(await helpers.GetAsync(source.Program, _server, context, cancellationToken)).Succeeded(
            out Credential? kept, out Problem? problem))
        {
            return new FetchOutcome.Failed(problem);
        }

        using (kept)
        {
            return kept.Username is { } username
                ? new FetchOutcome.Fetched(new AuthorizationToken(username, kept.Secret.Span, time.GetUtcNow() + source.Lifetime))
                : new FetchOutcome.Failed(new Problem(
                    ProblemKind.BadAnswer, $"{Identity} printed no username", "save the credentials anew with: docker login"));
        }
    }
}

/// <summary>What a command prints. It knows no registry, so that hosts which share a command share its secret.</summary>
internal sealed class CommandTokenSource(
    CommandSource source, CallerContext context, CommandProgram commands, TimeProvider time) : ITokenSource
{
    public TokenKey Key { get; } = SourceKey.Of(
        source.Type, "", source.Arguments[0], context, [source.Username, SourceKey.Text(source.Lifetime), .. source.Arguments]);

    public string Identity => TextSanitizer.Name(source.Arguments[0]);

    public bool OutlivesRequest => true;

    public async Task<FetchOutcome> FetchAsync(CancellationToken cancellationToken)
    {
        if (!(await commands.RunAsync(source.Arguments, context, cancellationToken)).Succeeded(
            out Credential? printed, out Problem? problem))
        {
            return new FetchOutcome.Failed(problem);
        }

        using (printed)
        {
            return (printed.Username ?? source.Username) is { } username
                ? new FetchOutcome.Fetched(new AuthorizationToken(
                    username, printed.Secret.Span, printed.ExpiresAt ?? time.GetUtcNow() + source.Lifetime))
                : new FetchOutcome.Failed(new Problem(
                    ProblemKind.BadSetting,
                    $"the command {Identity} printed no username",
                    "set \"username\" beside the command in the configuration"));
        }
    }
}

/// <summary>A fixed password. A file counts as it is now; what another program keeps is looked up now and then.</summary>
internal sealed class StaticTokenSource(StaticSource source, CallerContext context, SecretReader secrets, TimeProvider time) : ITokenSource
{
    /// <summary>An edited file has another key, so that what was read may be kept for as long as anything is.</summary>
    private static readonly TimeSpan KeptFromFile = TimeSpan.FromHours(12);

    /// <summary>So soon is a password noticed that was changed in another program's store.</summary>
    private static readonly TimeSpan KeptFromProgram = TimeSpan.FromMinutes(5);

    public TokenKey Key { get; } = SourceKey.Of(
        source.Type,
        "",
        SecretReader.NameOf(source.Secret),
        context,
        [source.Username, .. SecretReader.PartsOf(source.Secret), SecretReader.StampOf(source.Secret, context)]);

    public string Identity => SecretReader.NameOf(source.Secret);

    /// <summary>There is nothing to be renewed.</summary>
    public bool OutlivesRequest => false;

    public async Task<FetchOutcome> FetchAsync(CancellationToken cancellationToken)
    {
        if (!(await secrets.ReadAsync(source.Secret, context, cancellationToken)).Succeeded(out Credential? kept, out Problem? problem))
        {
            return new FetchOutcome.Failed(problem);
        }

        using (kept)
        {
            TimeSpan life = source.Secret is SecretReference.File ? KeptFromFile : KeptFromProgram;
            return (source.Username ?? kept.Username) is { } username
                ? new FetchOutcome.Fetched(new AuthorizationToken(username, kept.Secret.Span, time.GetUtcNow() + life))
                : new FetchOutcome.Failed(new Problem(
                    ProblemKind.BadSetting,
                    $"the secret in {Identity} has no username",
                    "set \"username\" beside the secret in the configuration"));
        }
    }
}

/// <summary>
/// A token that a form with a secret is exchanged for. It knows no registry: the endpoint and the form say what it is good for.
/// </summary>
internal sealed class OAuthTokenSource(
    OAuthSource source, CallerContext context, SecretReader secrets, TokenEndpoint endpoint, TimeProvider time) : ITokenSource
{
    public TokenKey Key { get; } = SourceKey.Of(
        source.Type,
        source.Url,
        SecretReader.NameOf(source.Secret),
        context,
        [
            source.SecretField,
            source.TokenField,
            source.Username,
            SourceKey.Text(source.Lifetime),
            .. source.Form.SelectMany(field => (IEnumerable<string>)[field.Name, field.Value]),
            .. SecretReader.PartsOf(source.Secret),
            SecretReader.StampOf(source.Secret, context),
        ]);

    public string Identity => SecretReader.NameOf(source.Secret);

    /// <summary>Unless a store would have to be unlocked for it.</summary>
    public bool OutlivesRequest => source.Secret is not SecretReference.Helper;

    public async Task<FetchOutcome> FetchAsync(CancellationToken cancellationToken)
    {
        if (!(await secrets.ReadAsync(source.Secret, context, cancellationToken)).Succeeded(out Credential? kept, out Problem? problem))
        {
            return new FetchOutcome.Failed(problem);
        }

        using (kept)
        {
            DateTimeOffset sent = time.GetUtcNow();
            string? roots = source.Proxy?.CaBundle is { } path ? context.Absolute(path) : null;
            if (!(await endpoint.ExchangeAsync(source, roots, kept.Secret, cancellationToken))
                .Succeeded(out Credential? issued, out problem))
            {
                return new FetchOutcome.Failed(problem);
            }

            using (issued)
            {
                return new FetchOutcome.Fetched(new AuthorizationToken(
                    source.Username, issued.Secret.Span, issued.ExpiresAt ?? sent + source.Lifetime));
            }
        }
    }
}

/// <summary>The cache keys of sources other than ECR.</summary>
internal static class SourceKey
{
    private const int Shown = 16;

    /// <param name="type">The source's word in the configuration.</param>
    /// <param name="registry">What the credentials are for.</param>
    /// <param name="identity">Who asks, for people.</param>
    /// <param name="context">Where the caller's files and stores are.</param>
    /// <param name="rest">Whatever else makes a difference to what is fetched. It is only in the key as part of a fingerprint.</param>
    public static TokenKey Of(string type, string registry, string identity, CallerContext context, params IEnumerable<string?> rest)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string? part in context.Identity.Concat(rest))
        {
            // With its length in front, so that no two lists run together into the same bytes.
            byte[] bytes = Encoding.UTF8.GetBytes(part ?? "");
            hash.AppendData(BitConverter.GetBytes(part is null ? -1 : bytes.Length));
            hash.AppendData(bytes);
        }

        return new TokenKey("", "", type, registry, $"{identity} {Convert.ToHexStringLower(hash.GetHashAndReset())[..Shown]}");
    }

    public static string Text(TimeSpan lifetime) => lifetime.ToString("c");
}
