using System.Text.Encodings.Web;
using System.Text.Json;
using Ark.Aws;
using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Messages;
using Ark.Wire;
using Ark.Wire.Registries;

namespace Ark.Daemon.Handlers;

/// <summary><c>ark init</c>: a configuration with an organization for each AWS profile, for a person to look at and change.</summary>
internal sealed class ProfileProposal(ProfileProposals proposals)
{
    private const int MaxName = 63;

    /// <summary>Names are written as their owners would: letters of every language stay.</summary>
    private static readonly MessagesJson ForPeople =
        new(new JsonSerializerOptions(MessagesJson.Indented.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public async Task<Reply> RunAsync(RequestContext context, CancellationToken cancellationToken)
    {
        Outcome<IReadOnlyList<ProposedProfile>> outcome = await proposals.FindAsync(context.Caller, context.Proxy, cancellationToken);
        if (!outcome.Succeeded(out IReadOnlyList<ProposedProfile>? profiles, out Problem? problem))
        {
            return Replies.Failure(problem);
        }

        List<string> notes = [];
        Dictionary<string, ProposedProfile> chosen = profiles.Where(static profile => Host(profile) is not null)
            .GroupBy(static profile => Host(profile)!)
            .ToDictionary(
                static same => same.Key, static same => same.FirstOrDefault(static profile => profile.IsSignedIn) ?? same.First());
        HashSet<string> names = new(StringComparer.Ordinal);
        List<ProposedOrganization> organizations = [];
        foreach (ProposedProfile profile in profiles)
        {
            if (Host(profile) is not { } host)
            {
                notes.Add($"profile '{profile.Name}' is left out: {profile.LeftOut}");
            }
            else if (chosen[host] != profile)
            {
                notes.Add($"profile '{profile.Name}' is left out: {host} is proposed for profile '{chosen[host].Name}' already");
            }
            else
            {
                var source = new ProposedSource("ecr", profile.Name, Endpoint(profile, notes));
                organizations.Add(new ProposedOrganization(UniqueName(profile.Name, names), [new ProposedRegistry([host], source)]));
            }
        }

        if (organizations.Count == 0)
        {
            return Replies.Failure(Nothing(profiles, notes));
        }

        var proposed = new ProposedConfiguration("ark.schema.json", organizations);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(proposed, ForPeople.ProposedConfiguration);
        return Replies.Document(json, [.. notes.Select(note => $"ark: note: {note}")]);
    }

    private static string? Host(ProposedProfile profile) =>
        profile is { AccountId: { } account, Region: { } region } ? EcrHost.NameOf(account, region) : null;

    /// <summary>
    /// The profile's endpoint as the configuration may have it. One that it may not have could hold a password, so the note does not
    /// repeat it.
    /// </summary>
    private static string? Endpoint(ProposedProfile profile, List<string> notes)
    {
        if (profile.Endpoint is not { } written)
        {
            return null;
        }

        if (ApiEndpoint.TryParse(written, out string endpoint, out string refusal))
        {
            return endpoint;
        }

        notes.Add($"profile '{profile.Name}' is proposed without its endpoint for ECR, which {refusal}");
        return null;
    }

    /// <summary>
    /// The profile's name as an organization may be called: lower case, hyphens for what may not be in it, a number when it is taken.
    /// </summary>
    private static string UniqueName(string profile, HashSet<string> names)
    {
        IEnumerable<char> allowed =
            profile.ToLowerInvariant().Select(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '-');
        string plain = string.Concat(allowed).Trim('-');
        string wanted = plain.Length > 0 ? plain[..Math.Min(plain.Length, MaxName)] : "organization";
        string name = wanted;
        for (int number = 2; !names.Add(name); number++)
        {
            name = $"{wanted[..Math.Min(wanted.Length, MaxName - 6)]}-{number}";
        }

        return name;
    }

    private static Problem Nothing(IReadOnlyList<ProposedProfile> profiles, List<string> notes) => profiles.Count == 0
        ? new Problem(
            ProblemKind.NoCredentials,
            "there is no AWS profile to propose a configuration from",
            "run `aws configure sso` or `aws configure` first")
        : new Problem(
            ProblemKind.NoCredentials,
            $"none of {profiles.Count} AWS profiles tells account and region: {string.Join("; ", notes.Take(5))}",
            "add `region`, and role_arn, SSO or keys, to a profile in ~/.aws/config");
}
