using Ark.Aws.Credentials;
using Ark.Aws.Profiles;
using Ark.Aws.Sdk;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Secrets;
using Ark.Core.Sources;
using Ark.Wire;

namespace Ark.Aws.Identity;

/// <summary>
/// Decides who asks. For a profile or keys of the configuration: those, from this user's own files, and nothing of the caller's but the
/// home. Otherwise in AWS's order, from the caller's variables and files: keys, web identity, profile.
/// </summary>
internal sealed class IdentityResolver(ProfileStore store, Homes homes, ISecretReader secrets)
{
    private const string DefaultProfile = "default";

    public Outcome<AwsIdentity> Find(EcrSource source, CallerIdentity caller) => source switch
    {
        { Keys: { } keys } => FindKept(source, keys, caller),
        { Profile: { } configured } => FindConfigured(source, configured, caller),
        _ => FindCaller(source, caller),
    };

    private Outcome<AwsIdentity> FindKept(EcrSource source, SecretReference keys, CallerIdentity caller)
    {
        ProfileFiles files = ProfileFiles.In(homes.Of(caller));
        CallerIdentity home = files.Home is null ? CallerIdentity.Empty : new CallerIdentity(new Dictionary<string, string> { ["HOME"] = files.Home });
        using var fingerprint = new Fingerprint();
        fingerprint.Add(files).Add(keys).Add(secrets.StampOf(keys, home));
        string identity = KeptKeys.Describe(keys);
        return new IdentityDraft(source, CallerIdentity.Empty, new ProfileSet(files, [], []), profileName: "")
            .Complete(identity, identity, fingerprint, new CredentialProvider.Stored(keys, home), lent: false);
    }

    private Outcome<AwsIdentity> FindConfigured(EcrSource source, string name, CallerIdentity caller)
    {
        if (!store.Load(ProfileFiles.In(homes.Of(caller))).Succeeded(out ProfileSet? profiles, out Problem? problem))
        {
            return problem;
        }

        return FromProfile(new IdentityDraft(source, CallerIdentity.Empty, profiles, name));
    }

    private Outcome<AwsIdentity> FindCaller(EcrSource source, CallerIdentity caller)
    {
        if (!CallerFiles.Of(caller, homes).Succeeded(out ProfileFiles? files, out Problem? problem) ||
            !store.Load(files).Succeeded(out ProfileSet? profiles, out problem))
        {
            return problem;
        }

        string? chosen = caller["AWS_PROFILE"] ?? caller["AWS_DEFAULT_PROFILE"];
        var draft = new IdentityDraft(source, caller, profiles, chosen ?? DefaultProfile);
        var keys = AwsKeys.From(caller["AWS_ACCESS_KEY_ID"], caller["AWS_SECRET_ACCESS_KEY"], caller["AWS_SESSION_TOKEN"]);
        if (keys is not null)
        {
            return FromKeys(draft, keys);
        }

        if (caller["AWS_ACCESS_KEY_ID"] is not null)
        {
            return new Problem(
                ProblemKind.BadSetting, "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not", "set both, or unset AWS_ACCESS_KEY_ID");
        }

        if (caller["AWS_ROLE_ARN"] is { } role && caller["AWS_WEB_IDENTITY_TOKEN_FILE"] is not null)
        {
            return FromWebIdentity(draft, role);
        }

        if (chosen is null && profiles.Profile(DefaultProfile) is null)
        {
            return NoCredentials(caller, profiles);
        }

        Outcome<AwsIdentity> asker = FromProfile(draft);
        return chosen is null && !asker.Succeeded(out _, out problem) && problem.Kind == ProblemKind.NoCredentials && AsksContainer(caller)
            ? ContainerCredentials()
            : asker;
    }

    private static Outcome<AwsIdentity> FromKeys(IdentityDraft draft, AwsKeys keys)
    {
        using var fingerprint = new Fingerprint();
        return draft.Complete(
            $"environment keys {keys.ShortId}", "keys", fingerprint.Add(keys), new CredentialProvider.Fixed(keys), lent: true);
    }

    private static Outcome<AwsIdentity> FromWebIdentity(IdentityDraft draft, string role)
    {
        if (!CallerFiles.PathOf(draft.Caller, draft.Profiles.Files, "AWS_WEB_IDENTITY_TOKEN_FILE").Succeeded(out CallerPath? file, out Problem? problem))
        {
            return problem;
        }

        string session = draft.Caller["AWS_ROLE_SESSION_NAME"] ?? ProfileReader.DefaultSessionName;
        using var fingerprint = new Fingerprint();
        fingerprint.Add(role).Add(file.Path).Add(session);
        string identity = $"web identity {TextSanitizer.Name(role)}";
        return draft.Complete(identity, identity, fingerprint, new CredentialProvider.WebIdentity(role, session, file.Path!, Seconds: null), lent: false);
    }

    private static Outcome<AwsIdentity> FromProfile(IdentityDraft draft)
    {
        var reader = new ProfileReader(draft.Profiles);
        if (!reader.Read(draft.ProfileName).Succeeded(out CredentialProvider? recipe, out Problem? problem))
        {
            return problem;
        }

        using var fingerprint = new Fingerprint();
        fingerprint.Add(draft.Profiles.Files);
        foreach (IniSection section in reader.Used)
        {
            fingerprint.Add(section);
        }

        string identity = $"profile {TextSanitizer.Name(draft.ProfileName)}";
        return draft.Complete(identity, identity, fingerprint, recipe, lent: false);
    }

    private static bool AsksContainer(CallerIdentity caller) =>
        (caller["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] ?? caller["AWS_CONTAINER_CREDENTIALS_FULL_URI"]) is not null;

    private static Problem ContainerCredentials() => new(
        ProblemKind.NoCredentials,
        "the only credentials are those of a container endpoint (AWS_CONTAINER_CREDENTIALS_*), which ark does not ask yet",
        "use a web identity, a profile or environment keys");

    private static Problem NoCredentials(CallerIdentity caller, ProfileSet profiles)
    {
        if (AsksContainer(caller))
        {
            return ContainerCredentials();
        }

        string hint = profiles.IsEmpty
            ? "run `aws configure sso` or `aws configure`, or set AWS_PROFILE, for the user who runs docker"
            : $"set AWS_PROFILE to one of: {string.Join(", ", profiles.Names.Take(5).Select(TextSanitizer.Name))}";
        return new Problem(
            ProblemKind.NoCredentials,
            "no AWS credentials: neither AWS_ACCESS_KEY_ID nor AWS_PROFILE is set, and " +
            (profiles.Files.Config is { } config ? $"{config} has no default profile" : "there is no home directory that belongs to this user"),
            hint);
    }
}
