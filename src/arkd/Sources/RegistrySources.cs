using System.Diagnostics;
using Ark.Aws;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Wire;

namespace Ark.Daemon.Sources;

/// <summary>Brings each kind of source to whoever gets its credentials, and says how long they are kept.</summary>
internal sealed class RegistrySources(
    EcrTokenSources ecr,
    DockerHelper helpers,
    CommandProgram commands,
    SecretReader secrets,
    TokenEndpoint endpoint,
    CallerContexts callers,
    TimeProvider time)
{
    /// <summary>What must be left of a token at most: registries other than ECR issue some that live for a minute.</summary>
    private static readonly TimeSpan LongestMinimum = TimeSpan.FromMinutes(1);

    /// <summary>The answer to a request that comes from a program which we run ourselves: running it again would never end.</summary>
    public static Problem Loop { get; } = new(
        ProblemKind.Loop,
        "going on without credentials, since this would be a loop: the request comes from a program that ark itself runs "
            + $"({IdentityVariables.Loop} is set)",
        "let that program, and docker's configuration that it reads, name another credential helper than ark");

    /// <summary>
    /// How its token is kept. The configuration's rules are about tokens with a life of their own; what is only kept for a while is kept to
    /// its end, and what is to be asked for each time not at all.
    /// </summary>
    public static RefreshPolicy PolicyOf(Binding binding) => binding.Source switch
    {
        EcrSource => binding.Refresh,
        HelperSource { Lifetime.Ticks: 0 } or CommandSource { Lifetime.Ticks: 0 } or OAuthSource { Lifetime.Ticks: 0 } =>
            RefreshPolicy.Unkept,
        HelperSource or StaticSource => RefreshPolicy.ToTheEnd,
        CommandSource command => Within(command.Lifetime, binding.Refresh),
        OAuthSource oauth => Within(oauth.Lifetime, binding.Refresh),
        _ => throw new UnreachableException(),
    };

    /// <summary>
    /// The source that answers for <paramref name="caller"/> at the binding's registry. Looks at files, never at the network, and runs
    /// no program.
    /// </summary>
    public SourceOutcome For(Binding binding, CallerIdentity caller)
    {
        if (caller[IdentityVariables.Loop] is not null && RunsPrograms(binding.Source))
        {
            return new SourceOutcome.Failed(Loop);
        }

        if (binding.Source is EcrSource ecrSource)
        {
            return ecr.For(ecrSource, caller);
        }

        CallerContext context = callers.Of(caller);
        ITokenSource found = binding.Source switch
        {
            HelperSource source => new HelperTokenSource(source, binding.Host, context, helpers, time),
            CommandSource source => new CommandTokenSource(source, context, commands, time),
            StaticSource source => new StaticTokenSource(source, context, secrets, time),
            OAuthSource source => new OAuthTokenSource(source, context, secrets, endpoint, time),
            _ => throw new UnreachableException(),
        };
        return new SourceOutcome.Found(found)
        {
            Warning = RunsPrograms(binding.Source) && context.Warnings.Count > 0
                ? new SourceWarning(string.Join("; ", context.Warnings), "")
                : null,
        };
    }

    private static bool RunsPrograms(RegistrySource source) => source switch
    {
        HelperSource or CommandSource => true,
        StaticSource { Secret: var secret } => secret is not SecretReference.File,
        OAuthSource { Secret: var secret } => secret is not SecretReference.File,
        EcrSource { Keys: var keys } => keys is not (null or SecretReference.File),
        _ => throw new UnreachableException(),
    };

    private static RefreshPolicy Within(TimeSpan lifetime, RefreshPolicy wanted) =>
        wanted with { MinRemaining = new[] { wanted.MinRemaining, LongestMinimum, lifetime / 10 }.Min() };
}
