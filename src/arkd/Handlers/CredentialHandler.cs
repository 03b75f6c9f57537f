using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Messages;
using Ark.Wire;
using Ark.Wire.Registries;

namespace Ark.Daemon.Handlers;

/// <summary>The verbs that ask for a credential: for a container tool, for a person, for an image, or for a new one.</summary>
internal sealed class CredentialHandler(CredentialLookup lookup, TokenCache cache, FallbackHelper fallback)
{
    /// <summary>As a docker credential helper answers: what is not ours is asked of the helper that was there before us.</summary>
    public async Task<Reply> GetAsync(RequestContext context, CancellationToken cancellationToken)
    {
        Resolution resolution = context.Resolve();
        Lookup found = await lookup.FindAsync(context, resolution, host: null, anew: false, cancellationToken);
        if (found is Lookup.NotOurs && FallbackHelper.Of(context.Configuration) is { } helper)
        {
            return await fallback.GetAsync(helper, context, cancellationToken);
        }

        Reply reply = found is Lookup.Failed { IsNoFault: false, IsGallery: false, Problem: var problem }
            && SweepingClient.Started(context.Request.Process)
                ? Replies.NotFoundFor(problem)
                : Answer(found, context, static (context, _, token) => Replies.Credentials(context.Trimmed, token));
        return resolution is Resolution.Found && context.Caller.ChoiceNote is { } note ? Replies.Noted(reply, note) : reply;
    }

    /// <summary>The password alone.</summary>
    public async Task<Reply> TokenAsync(RequestContext context, CancellationToken cancellationToken) => Answer(
        await lookup.FindAsync(context, context.Resolve(), host: null, anew: false, cancellationToken),
        context,
        static (_, _, token) => Replies.Password(token));

    /// <summary><c>ark show</c> and what is built on it: an image taken apart, and its credentials, as one piece of JSON.</summary>
    public async Task<Reply> DescribeAsync(RequestContext context, CancellationToken cancellationToken)
    {
        if (ImageReference.Parse(Encoding.UTF8.GetString(context.Trimmed), out string refusal) is not { } image)
        {
            return Replies.Failure(new Problem(ProblemKind.BadSetting, $"this is no image: {refusal}", "write it as HOST/REPOSITORY:TAG"));
        }

        Resolution resolution = HostResolver.Resolve(context.Configuration, image.Registry, context.Caller);
        Lookup found = await lookup.FindAsync(context, resolution, image.Registry.Host, anew: false, cancellationToken);
        return found switch
        {
            Lookup.Nothing or Lookup.NotOurs => Describe(image, null, null),
            Lookup.Failed { Problem.Kind: ProblemKind.NotStored, Binding: var binding } => Describe(image, binding, null),
            Lookup.Failed failed => Replies.Failure(failed.Problem),
            Lookup.Undecided(var problem) => Replies.Failure(problem),
            _ => Answer(found, context, (_, binding, token) => Describe(image, binding, token)),
        };
    }

    /// <summary>A new token now, for one host or for all that are cached.</summary>
    public async Task<Reply> RefreshAsync(RequestContext context, CancellationToken cancellationToken)
    {
        if (!context.Trimmed.IsEmpty)
        {
            return await RefreshAsync(context, Encoding.UTF8.GetString(context.Trimmed), cancellationToken);
        }

        TokenStatus[] cached = [.. cache.Snapshot().DistinctBy(token => token.Key)];
        if (cached is [])
        {
            return Replies.Text(0, "nothing is cached");
        }

        // One that fails does not keep the others from being refreshed. Each is asked for as the organization that has it.
        var replies = new List<Reply>();
        foreach (TokenStatus token in cached)
        {
            CallerIdentity caller = token.Organization is { } organization ? context.Caller.Choosing(organization) : context.Caller;
            replies.Add(await RefreshAsync(context with { Caller = caller }, token.Host, cancellationToken));
        }

        return Replies.All(replies);
    }

    private async Task<Reply> RefreshAsync(RequestContext context, string host, CancellationToken cancellationToken)
    {
        Resolution resolution = HostResolver.Resolve(context.Configuration, Encoding.UTF8.GetBytes(host), context.Caller);
        return await lookup.FindAsync(context, resolution, host, anew: true, cancellationToken) switch
        {
            Lookup.Renewed(var binding) => Replies.Text(0, $"refreshed {binding.Host}"),
            Lookup.Failed(var problem, _) => Replies.Failure(problem),
            Lookup.Undecided(var problem) => Replies.Failure(problem),
            _ => Replies.Failure(new Problem(
                ProblemKind.BadSetting,
                "ark does not serve this registry",
                "name an ECR registry, or bind this one to an organization in the configuration")),
        };
    }

    private static Reply Answer(Lookup found, RequestContext context, Func<RequestContext, Binding, TokenAnswer.Token, Reply> success)
    {
        switch (found)
        {
            case Lookup.Found(var binding, var token):
                using (token)
                {
                    return success(context, binding, token);
                }

            case Lookup.Nothing:
                return Replies.NoServer;

            case Lookup.NotOurs(var reason):
                return Replies.NotFound(reason);

            case Lookup.Undecided(var problem):
                return Replies.NotFound(problem, $"{problem.Message}; {problem.Hint}");

            case Lookup.Failed { IsGallery: true, Problem: var problem }:
                return Replies.NotFound(problem, $"going on without credentials: {problem.Message}");

            case Lookup.Failed { IsNoFault: true, Problem: var problem }:
                return Replies.NotFound(problem.Kind == ProblemKind.Loop ? problem.Message : null);

            case Lookup.Failed(var problem, _):
                return Replies.Failure(problem);

            default:
                throw new UnreachableException();
        }
    }

    private static Reply Describe(ImageReference image, Binding? binding, TokenAnswer.Token? token)
    {
        byte[]? secret = null;
        if (token is not null)
        {
            secret = GC.AllocateUninitializedArray<byte>(token.Secret.Length, pinned: true);
            token.Secret.CopyTo(secret);
        }

        var description = new ImageDescription
        {
            Host = image.Registry.Host,
            Repository = image.Repository,
            Tag = image.Tag,
            Digest = image.Digest,
            Organization = binding?.Organization,
            RepositoryPrefix = binding?.RepositoryPrefix,
            Username = token?.Username,
            Secret = secret,

            // What is kept for us has an end of which nobody tells us: only our copy of it has one.
            ExpiresAt = binding?.Source is HelperSource or StaticSource ? null : token?.ExpiresAt,
        };
        try
        {
            return Replies.Secret(secret?.Length ?? 0, token?.Warning, description, MessagesJson.Default.ImageDescription);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }
}
