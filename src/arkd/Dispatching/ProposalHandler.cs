using System.Buffers;
using System.Text.Json;
using Ark.Aws;
using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Wire;
using Ark.Wire.Registries;

namespace Ark.Daemon.Dispatching;

/// <summary><c>ark init</c>: a configuration with an organization for each AWS profile, for a person to look at and change.</summary>
internal sealed class ProposalHandler(ProfileProposals proposals)
{
    private const int MaxName = 63;

    private static readonly JsonWriterOptions ForPeople = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public async Task<Reply> RunAsync(RequestContext asked, CancellationToken cancellationToken)
    {
        Outcome<IReadOnlyList<ProposedProfile>> outcome = await proposals.FindAsync(asked.Caller, cancellationToken);
        if (!outcome.Succeeded(out IReadOnlyList<ProposedProfile>? profiles, out Problem? problem))
        {
            return Replies.Failure(problem);
        }

        List<string> notes = [];
        Dictionary<string, string> hosts = new(StringComparer.Ordinal);
        HashSet<string> names = new(StringComparer.Ordinal);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, ForPeople))
        {
            json.WriteStartObject();
            json.WriteString("$schema"u8, "ark.schema.json"u8);
            json.WriteStartArray("organizations"u8);
            foreach (ProposedProfile profile in profiles)
            {
                if (Host(profile) is not { } host)
                {
                    notes.Add($"profile '{profile.Name}' is left out: {profile.LeftOut}");
                }
                else if (!hosts.TryAdd(host, profile.Name))
                {
                    notes.Add($"profile '{profile.Name}' is left out: {host} is proposed for profile '{hosts[host]}' already");
                }
                else
                {
                    Write(json, UniqueName(profile.Name, names), host, profile.Name, Endpoint(profile, notes));
                }
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return hosts.Count > 0
            ? Replies.Document(buffer.WrittenSpan, [.. notes.Select(note => $"ark: note: {note}")])
            : Replies.Failure(Nothing(profiles, notes));
    }

    private static string? Host(ProposedProfile profile) =>
        profile is { AccountId: { } account, Region: { } region } ? EcrHost.NameOf(account, region) : null;

    /// <summary>The profile's endpoint as the configuration may have it. One that it may not have could hold a password, so the note does not repeat it.</summary>
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

    private static void Write(Utf8JsonWriter json, string name, string host, string profile, string? endpoint)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, name);
        json.WriteStartArray("registries"u8);
        json.WriteStartObject();
        json.WriteStartArray("hosts"u8);
        json.WriteStringValue(host);
        json.WriteEndArray();
        json.WriteStartObject("source"u8);
        json.WriteString("type"u8, "ecr"u8);
        json.WriteString("profile"u8, profile);
        if (endpoint is not null)
        {
            json.WriteString("endpoint"u8, endpoint);
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The profile's name as an organization may be called: lower case, hyphens for what may not be in it, a number when it is taken.</summary>
    private static string UniqueName(string profile, HashSet<string> names)
    {
        string plain = string.Concat(profile.ToLowerInvariant().Select(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '-')).Trim('-');
        string wanted = plain.Length > 0 ? plain[..Math.Min(plain.Length, MaxName)] : "organization";
        string name = wanted;
        for (int number = 2; !names.Add(name); number++)
        {
            name = $"{wanted[..Math.Min(wanted.Length, MaxName - 6)]}-{number}";
        }

        return name;
    }

    private static Problem Nothing(IReadOnlyList<ProposedProfile> profiles, List<string> notes) => profiles.Count == 0
        ? new Problem(ProblemKind.NoCredentials, "there is no AWS profile to propose a configuration from", "run `aws configure sso` or `aws configure` first")
        : new Problem(
            ProblemKind.NoCredentials,
            $"none of {profiles.Count} AWS profiles tells account and region: {string.Join("; ", notes.Take(5))}",
            "add `region`, and role_arn, SSO or keys, to a profile in ~/.aws/config");
}
