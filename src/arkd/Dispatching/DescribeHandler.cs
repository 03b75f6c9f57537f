using System.Diagnostics;
using System.Globalization;
using System.Text;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Daemon.Logging;
using Ark.Daemon.Sources;
using Ark.Wire;
using Ark.Wire.Registries;
using Microsoft.Extensions.Logging;

namespace Ark.Daemon.Dispatching;

/// <summary><c>ark show</c> and what is built on it: an image taken apart, and its credentials, as one piece of JSON.</summary>
internal sealed class DescribeHandler(Func<Binding, CallerIdentity, SourceOutcome> sources, TokenCache cache, ILogger log)
{
    public async Task<Reply> RunAsync(RequestContext asked, CancellationToken cancellationToken)
    {
        string text = Encoding.UTF8.GetString(asked.Trimmed);
        if (ImageReference.Parse(text, out string refusal) is not { } image)
        {
            return Replies.Failure(new Problem(ProblemKind.BadSetting, $"this is no image: {refusal}", "write it as HOST/REPOSITORY:TAG"));
        }

        switch (HostResolver.Resolve(asked.Configuration, image.Registry, asked.Caller))
        {
            case Resolution.Found(var binding):
                return await AskAsync(image, binding, asked.Caller, cancellationToken);

            case Resolution.Stopped(var problem):
                return Replies.Failure(problem);

            case Resolution.Ambiguous(var problem):
                return Replies.Failure(problem);

            default:
                return Describe(image, null, null);
        }
    }

    private async Task<Reply> AskAsync(ImageReference image, Binding binding, CallerIdentity caller, CancellationToken cancellationToken)
    {
        SourceOutcome outcome = sources(binding, caller);
        if (outcome is not SourceOutcome.Found(var source))
        {
            return outcome is SourceOutcome.Failed(var why) ? Replies.Failure(why) : throw new UnreachableException();
        }

        TokenAnswer answer = await cache.GetAsync(source, RegistrySources.PolicyOf(binding), binding.Host, binding.Organization, cancellationToken);
        switch (answer)
        {
            case TokenAnswer.Token token:
                try
                {
                    log.Answered(binding.Host, binding.Organization ?? "-");
                    return Describe(image, binding, token);
                }
                finally
                {
                    token.Dispose();
                }

            case TokenAnswer.Failed { Problem.Kind: ProblemKind.NotStored }:
                return Describe(image, binding, null);

            case TokenAnswer.Failed(var problem):
                log.Failed(binding.Host, binding.Organization ?? "-", problem.Kind, problem.Message);
                return Replies.Failure(problem);

            default:
                throw new UnreachableException();
        }
    }

    private static Reply Describe(ImageReference image, Binding? binding, TokenAnswer.Token? token) => Replies.Secret(token?.Secret.Length ?? 0, token?.Warning, json =>
    {
        json.WriteStartObject();
        json.WriteString("host", image.Registry.Host);
        json.WriteString("repository", image.Repository);
        json.WriteString("tag", image.Tag);
        json.WriteString("digest", image.Digest);
        json.WriteString("organization", binding?.Organization);
        json.WriteString("repositoryPrefix", binding?.RepositoryPrefix);
        json.WriteString("username", token?.Username);
        if (token is null)
        {
            json.WriteNull("secret");
        }
        else
        {
            json.WriteString("secret", token.Secret);
        }

        json.WriteString("expiresAt", EndOf(binding, token)?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        json.WriteEndObject();
    });

    /// <summary>What is kept for us has an end of which nobody tells us: only our copy of it has one.</summary>
    private static DateTimeOffset? EndOf(Binding? binding, TokenAnswer.Token? token) => binding?.Source is HelperSource or StaticSource ? null : token?.ExpiresAt;
}
