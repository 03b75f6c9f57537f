using System.Diagnostics;
using System.Text.Json;
using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Messages;
using Ark.Wire;
using Ark.Wire.Registries;

namespace Ark.Daemon.Handlers;

/// <summary>Who answers for a registry and why, for <c>ark setup</c> and <c>ark doctor</c>. It resolves, and asks for no token.</summary>
internal static class ExplanationHandler
{
    public static Reply Explain(RequestContext context)
    {
        if (Read(context) is not { } request)
        {
            return Replies.Failure(new Problem(
                ProblemKind.BadSetting,
                "the request to explain a registry cannot be read",
                "install one version of ark, then: ark daemon restart"));
        }

        if (ImageReference.Parse(request.Registry, out string refusal) is not { Registry: var registry })
        {
            return Answer(new RegistryExplanation { State = "not-served", Reason = $"not a registry address: {refusal}" });
        }

        context = request.Organization is { } organization ? context with { Caller = context.Caller.Choosing(organization) } : context;
        RegistryExplanation explanation = Of(HostResolver.Resolve(context.Configuration, registry, context.Caller));
        return Answer(explanation with
        {
            Host = registry.Host,
            Candidates = (context.Configuration as ConfigurationOutcome.Loaded)?.Configuration.OrganizationsAt(registry) ?? [],
            FallbackHelper = FallbackHelper.Of(context.Configuration),
        });
    }

    private static RegistryExplanation Of(Resolution resolution) => resolution switch
    {
        Resolution.Found { Binding: var binding, By: var by } => new RegistryExplanation
        {
            State = "served",
            Organization = binding.Organization,
            RepositoryPrefix = binding.RepositoryPrefix,
            Source = new SourceEntry(
                binding.Source.Type,
                by == DecidedBy.Caller ? "your AWS settings" : SourceWords.Identity(binding.Source)),
            DecidedBy = Word(by),
        },
        Resolution.NotOurs(var reason) => new RegistryExplanation { State = "not-served", Reason = reason },
        Resolution.Ambiguous(var problem) => new RegistryExplanation { State = "ambiguous", Problem = Entry(problem) },
        Resolution.Stopped(var problem) => new RegistryExplanation { State = "stopped", Problem = Entry(problem) },
        _ => throw new UnreachableException(),
    };

    private static string Word(DecidedBy by) => by switch
    {
        DecidedBy.Caller => "caller",
        DecidedBy.Executable => "executable",
        DecidedBy.Variable => "ARK_ORGANIZATION",
        DecidedBy.RepositoryPrefix => "repository-prefix",
        DecidedBy.OnlyOrganization => "only-organization",
        DecidedBy.OneIdentity => "one-identity",
        DecidedBy.ArkUse => "ark-use",
        DecidedBy.DefaultOrganization => "default-organization",
    };

    private static ProblemEntry Entry(Problem problem) => new(problem.Code, problem.Message, problem.Hint);

    private static Reply Answer(RegistryExplanation explanation) =>
        Replies.Json(explanation, MessagesJson.Default.RegistryExplanation);

    private static ExplainRequest? Read(RequestContext context)
    {
        try
        {
            return JsonSerializer.Deserialize(context.Payload, MessagesJson.Default.ExplainRequest);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
