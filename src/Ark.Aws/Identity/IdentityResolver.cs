using Ark.Aws.Calls;
using Ark.Aws.Credentials;
using Ark.Aws.Profiles;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Secrets;
using Ark.Core.Sources;
using Ark.Files;
using Ark.Wire;

namespace Ark.Aws.Identity;

/// <summary>
/// Decides who asks. For a profile or keys of the configuration: those, from this user's own files, and nothing of the caller's but the
/// home. Otherwise in AWS's order, from the caller's variables and files: keys, web identity, profile.
/// </summary>
internal sealed class IdentityResolver(ProfileStore store, CallerContexts callers, ISecretReader secrets)
{
    private const string DefaultProfile = "default";

    public Outcome<AwsIdentity> Find(EcrSource source, CallerIdentity caller) => source switch
    {
        { Keys: { } keys } => FindStored(source, keys, caller),
        { Profile: { } configured } => FindConfigured(source, configured, caller),
        _ => FindCaller(source, caller),
    };

    private Outcome<AwsIdentity> FindStored(EcrSource source, SecretReference keys, CallerIdentity caller)
    {
        CallerContext context = callers.Of(caller);
        ProfileFiles files = ProfileFiles.In(context.Home);
        CallerIdentity home = files.Home is null
            ? CallerIdentity.Empty
            : new CallerIdentity(new Dictionary<string, string> { ["HOME"] = files.Home });
        using var fingerprint = new Fingerprint();
        fingerprint.Add(files).Add(keys).Add(secrets.StampOf(keys, home));
        var question = new Question(source, CallerIdentity.Empty, context, new ProfileSet(files, [], []), ProfileName: "");
        return Complete(question, StoredKeys.Describe(keys), new CredentialProvider.Stored(keys, home), fingerprint);
    }

    private Outcome<AwsIdentity> FindConfigured(EcrSource source, string name, CallerIdentity caller)
    {
        CallerContext context = callers.Of(caller);
        return store.Load(ProfileFiles.In(context.Home)).Succeeded(out ProfileSet? profiles, out Problem? problem)
            ? FromProfile(new Question(source, CallerIdentity.Empty, context, profiles, name))
            : problem;
    }

    private Outcome<AwsIdentity> FindCaller(EcrSource source, CallerIdentity caller)
    {
        CallerContext context = callers.Of(caller);
        if (!CallerFiles.Of(caller, context).Succeeded(out ProfileFiles? files, out Problem? problem) ||
            !store.Load(files).Succeeded(out ProfileSet? profiles, out problem))
        {
            return problem;
        }

        string? chosen = caller["AWS_PROFILE"] ?? caller["AWS_DEFAULT_PROFILE"];
        var question = new Question(source, caller, context, profiles, chosen ?? DefaultProfile);
        if (caller["AWS_ACCESS_KEY_ID"] is { } id && !caller.Secret("AWS_SECRET_ACCESS_KEY").IsEmpty)
        {
            return FromKeys(question, id);
        }

        if (caller["AWS_ACCESS_KEY_ID"] is not null)
        {
            return new Problem(
                ProblemKind.BadSetting,
                "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not",
                "set both, or unset AWS_ACCESS_KEY_ID");
        }

        if (caller["AWS_ROLE_ARN"] is { } role && caller["AWS_WEB_IDENTITY_TOKEN_FILE"] is not null)
        {
            return FromWebIdentity(question, role);
        }

        if (chosen is null && profiles.Profile(DefaultProfile) is null)
        {
            return NoCredentials(caller, profiles);
        }

        Outcome<AwsIdentity> identity = FromProfile(question);
        bool hasNothing = chosen is null && !identity.Succeeded(out _, out problem) && problem.Kind == ProblemKind.NoCredentials;
        return hasNothing && AsksContainer(caller) ? ContainerCredentials() : identity;
    }

    private static Outcome<AwsIdentity> FromKeys(Question question, string id)
    {
        CallerIdentity caller = question.Caller;
        using var fingerprint = new Fingerprint();
        fingerprint.Add(id).Add(caller.Secret("AWS_SECRET_ACCESS_KEY")).Add(caller.Secret("AWS_SESSION_TOKEN"));
        return Complete(
            question,
            $"environment keys {AwsKeys.Short(id)}",
            new CredentialProvider.CallerSupplied(id, caller),
            fingerprint,
            principal: "keys");
    }

    private static Outcome<AwsIdentity> FromWebIdentity(Question question, string role)
    {
        Outcome<CallerPath> named = CallerFiles.PathOf(question.Caller, question.Profiles.Files, "AWS_WEB_IDENTITY_TOKEN_FILE");
        if (!named.Succeeded(out CallerPath? file, out Problem? problem))
        {
            return problem;
        }

        string session = question.Caller["AWS_ROLE_SESSION_NAME"] ?? ProfileReader.DefaultSessionName;
        using var fingerprint = new Fingerprint();
        fingerprint.Add(role).Add(file.Path).Add(session);
        return Complete(
            question,
            $"web identity {TextSanitizer.Name(role)}",
            new CredentialProvider.WebIdentity(role, session, file.Path!, Seconds: null),
            fingerprint);
    }

    private static Outcome<AwsIdentity> FromProfile(Question question)
    {
        var reader = new ProfileReader(question.Profiles);
        if (!reader.Read(question.ProfileName).Succeeded(out CredentialProvider? provider, out Problem? problem))
        {
            return problem;
        }

        using var fingerprint = new Fingerprint();
        fingerprint.Add(question.Profiles.Files);
        foreach (IniSection section in reader.Used)
        {
            fingerprint.Add(section);
        }

        foreach (string? place in reader.RunsProgram ? question.Context.Identity : [])
        {
            fingerprint.Add(place);
        }

        return Complete(
            question,
            $"profile {TextSanitizer.Name(question.ProfileName)}",
            provider,
            fingerprint).Succeeded(out AwsIdentity? identity, out problem)
            ? identity with { Warning = question.Profiles.Warning ?? identity.Warning }
            : problem;
    }

    /// <summary>
    /// Adds the settings that all kinds of credentials share. In the identity's principal is everything that a fetch depends on: only what
    /// is fetched alike is shared.
    /// </summary>
    /// <param name="question">Who asks for what.</param>
    /// <param name="holder">Who has the credentials, for people.</param>
    /// <param name="provider">Where they come from.</param>
    /// <param name="fingerprint">Of what decides about them, so far.</param>
    /// <param name="principal">Who has them, for the cache key, where it is not said as for people.</param>
    private static Outcome<AwsIdentity> Complete(
        Question question, string holder, CredentialProvider provider, Fingerprint fingerprint, string? principal = null)
    {
        EcrSource source = question.Source;
        var configured = new ConfiguredEndpoints(question.Caller, question.Profile, question.Services);
        if (!configured.Find(source).Succeeded(out ServiceEndpoints? endpoints, out Problem? problem) ||
            !CaBundleOf(question).Succeeded(out CallerPath? bundle, out problem))
        {
            return problem;
        }

        string region =
            question.Caller["AWS_REGION"] ?? question.Caller["AWS_DEFAULT_REGION"] ?? question.Profile?["region"] ?? source.Region;
        if (!RegionName.IsValid(region))
        {
            return new Problem(
                ProblemKind.BadSetting,
                $"the region of {holder} is not the name of a region",
                "correct AWS_REGION or the profile's region");
        }

        string? policy = source.Role?.Scope is { } scope ? SessionPolicy.For(scope, source.Partition, source.Region) : null;
        fingerprint.Add(source.Role?.Arn).Add(source.Role?.ExternalId).Add(source.Role?.SessionName).Add(policy);
        fingerprint.Add(region).Add(bundle.Path).Add(endpoints.Sts).Add(endpoints.Sso).Add(endpoints.SsoOidc);
        string role = Describe(source.Role);
        string session = source.Role?.SessionName ?? ProfileReader.DefaultSessionName;
        return new AwsIdentity
        {
            Name = holder + role,
            KeyHolder = holder,
            Principal = $"{principal ?? holder}{role} {fingerprint.End()}",
            Credentials = source.Role is { } assumed
                ? new CredentialProvider.Role(provider, assumed.Arn, session, assumed.ExternalId, Seconds: null, policy)
                : provider,
            Endpoints = endpoints,
            EndpointOverride = endpoints.Ecr == source.DefaultEndpoint && !source.Fips ? "" : endpoints.Ecr,
            StsRegion = region,
            CaBundle = bundle.Path,
            Files = question.Profiles.Files,
            Context = question.Context,
            Warning = provider is CredentialProvider.WebIdentity web ? WarningAbout(web.TokenFile) : null,
            IsCallerSupplied = provider is CredentialProvider.CallerSupplied,
        };
    }

    /// <summary>A token file is data: it is used from a place that others can write to as well, and the caller is told.</summary>
    private static SourceWarning? WarningAbout(string tokenFile)
    {
        try
        {
            return TrustedFile.Judge(tokenFile) is { } fault
                ? new SourceWarning(
                    $"others could exchange the web identity token {tokenFile}: {fault.Message}; {fault.Repair}",
                    $"{FileStamp.Of(tokenFile)}")
                : null;
        }
        catch (IOException)
        {
            // Reading it will say so.
            return null;
        }
    }

    /// <summary>The role of the configuration, as it follows whoever assumes it; nothing where there is none.</summary>
    private static string Describe(AssumedRole? role) => role switch
    {
        null => "",
        { Scope: null } => $" as {TextSanitizer.Name(role.Arn)}",
        { Scope.Rights: ScopeRights.Push } => $" as {TextSanitizer.Name(role.Arn)} (push)",
        _ => $" as {TextSanitizer.Name(role.Arn)} (pull)",
    };

    private static Outcome<CallerPath> CaBundleOf(Question question)
    {
        if (question.Caller["AWS_CA_BUNDLE"] is not null || question.Profile?["ca_bundle"] is not { } own)
        {
            return CallerFiles.PathOf(question.Caller, question.Profiles.Files, "AWS_CA_BUNDLE");
        }

        return question.Profiles.Files.Absolute(own) is { } path
            ? new CallerPath(path)
            : new Problem(
                ProblemKind.BadSetting,
                $"ca_bundle of profile '{TextSanitizer.Name(question.ProfileName)}' is not an absolute path",
                "write the whole path");
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
        string lacks = profiles.Files.Config is { } config
            ? $"{config} has no default profile"
            : "there is no home directory that belongs to this user";
        return new Problem(
            ProblemKind.NoCredentials, $"no AWS credentials: neither AWS_ACCESS_KEY_ID nor AWS_PROFILE is set, and {lacks}", hint);
    }

    /// <summary>What is asked for, by whom, and by which profile.</summary>
    private sealed record Question(
        EcrSource Source, CallerIdentity Caller, CallerContext Context, ProfileSet Profiles, string ProfileName)
    {
        public IniSection? Profile { get; } = Profiles.Profile(ProfileName);

        public IniSection? Services => Profile?["services"] is { } name ? Profiles.Services(name) : null;
    }
}
