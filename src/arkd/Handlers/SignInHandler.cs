using System.Text.Json;
using Ark.Aws;
using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Messages;
using Ark.Wire;

namespace Ark.Daemon.Handlers;

/// <summary>The steps of <c>ark login</c>: it talks to the person, the daemon to AWS.</summary>
internal sealed class SignInHandler(SignIn signIn)
{
    public async Task<Reply> StepAsync(RequestContext context, CancellationToken cancellationToken)
    {
        if (Parse(context.Payload) is not { } request)
        {
            return Replies.Failure(new Problem(
                ProblemKind.BadSetting, "the request is not the JSON of its verb", "install one version of ark, then: ark daemon restart"));
        }

        if (request.Attempt is { } attempt)
        {
            return Answer(await signIn.AskAsync(attempt, cancellationToken));
        }

        if (!Find(request, context).Succeeded(out Subject? subject, out Problem? problem))
        {
            return Replies.Failure(problem);
        }

        return (request.Profile, request.Code) switch
        {
            (null, _) => Replies.Json(new LoginTargets(subject.Organization?.Name, subject.Profiles), MessagesJson.Default.LoginTargets),
            ({ } profile, null) => Answer(await signIn.BeginAsync(Target(profile), cancellationToken)),
            ({ } profile, { } code) => Answer(await signIn.EnterAsync(Target(profile), code, cancellationToken)),
        };

        SignInTarget Target(string profile) => new(subject.Of(profile), profile, context.Caller, context.Proxy);
    }

    private static LoginRequest? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, MessagesJson.Default.LoginRequest);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>
    /// The organization that is named or chosen; without a configuration, and for a profile that is named without one, the caller's
    /// own profiles.
    /// </summary>
    private static Outcome<Subject> Find(LoginRequest request, RequestContext context)
    {
        if (request is { Organization: null, Profile: not null })
        {
            return new Subject(null, []);
        }

        if (!context.Loaded.Succeeded(out ConfigurationOutcome.Loaded? loaded, out Problem? problem))
        {
            return problem;
        }

        string? wanted = request.Organization
            ?? context.Caller["ARK_ORGANIZATION"] ?? loaded.Using ?? loaded.Configuration.DefaultOrganization;
        if (wanted is null)
        {
            return new Subject(null, [SignIn.ProfileOf(context.Caller)]);
        }

        if (loaded.Configuration.FindOrganization(wanted) is not { } organization)
        {
            return new Problem(
                ProblemKind.BadSetting, $"the configuration has no organization '{wanted}'", "`ark org list` shows those that there are");
        }

        string[] profiles = [.. Sources(organization).Select(static source => source.Profile).OfType<string>().Distinct()];
        return profiles.Length > 0
            ? new Subject(organization, profiles)
            : new Problem(
                ProblemKind.BadSetting,
                $"organization {organization.Name} uses no AWS profile that could be logged in to",
                "see where its credentials come from with: ark org show");
    }

    private static IEnumerable<EcrSource> Sources(Organization organization) =>
        organization.Registries.Select(static registry => registry.Source).OfType<EcrSource>();

    private static Reply Answer(Outcome<SignInStep> outcome) => outcome.Succeeded(out SignInStep? step, out Problem? problem)
        ? Replies.Json(Message(step), MessagesJson.Default.LoginStep)
        : Replies.Failure(problem);

    private static LoginStep Message(SignInStep step) => step switch
    {
        SignInStep.Browser browser => new LoginStep
        {
            State = "browser",
            Attempt = browser.Attempt,
            Url = browser.Url,
            UserCode = browser.UserCode,
            Seconds = browser.Seconds,
            Until = browser.Until,
        },
        SignInStep.Waiting waiting => new LoginStep { State = "waiting", Seconds = waiting.Seconds },
        SignInStep.Code code => new LoginStep { State = "code", Device = code.Device },
        SignInStep.Command command => new LoginStep { State = "command", Command = command.Arguments },
        SignInStep.Done done => new LoginStep { State = "done", Text = done.Text, Until = done.Until },
        SignInStep.Nothing nothing => new LoginStep { State = "nothing", Text = nothing.Holder },
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Whose login it is about.</summary>
    private sealed record Subject(Organization? Organization, IReadOnlyList<string> Profiles)
    {
        /// <summary>The organization's source that uses the profile; null for the caller's own.</summary>
        public EcrSource? Of(string profile) =>
            Organization is null ? null : Sources(Organization).FirstOrDefault(source => source.Profile == profile);
    }
}
