using Ark.Aws.Calls;
using Ark.Aws.Credentials;
using Ark.Aws.Profiles;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Secrets;
using Ark.Core.Sources;
using Ark.Files;
using Ark.Wire;
using Ark.Wire.Registries;

namespace Ark.Aws.Identity;

/// <summary>
/// Decides who asks. For a profile or keys of the configuration: those, from this user's own files, and nothing of the caller's but the
/// home. Otherwise in AWS's order, from the caller's variables and files: keys, web identity, profile, container, instance.
/// </summary>
/// <param name="store">Profiles.</param>
/// <param name="callers">Where callers' files are.</param>
/// <param name="secrets">Stored keys.</param>
/// <param name="instance">What is known of metadata services.</param>
/// <param name="own">The daemon's own variables, which say where the metadata endpoints of organizations are.</param>
internal sealed class IdentityResolver(
    ProfileStore store, CallerContexts callers, ISecretReader secrets, InstanceMetadata instance, CallerIdentity own)
{
    private const string DefaultProfile = "default";

    public Outcome<AwsIdentity> Find(EcrSource source, CallerIdentity caller) => source switch
    {
        { Keys: { } keys } => FindStored(source, keys, caller),
        { Origin: { } origin } => FindOrigin(source, origin, caller),
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

    /// <summary>Of the machine or the container that the daemon runs in: no file of anybody has a say.</summary>
    private Outcome<AwsIdentity> FindOrigin(EcrSource source, CredentialOrigin origin, CallerIdentity caller)
    {
        var files = new ProfileFiles(null, null, null);
        var question = new Question(source, CallerIdentity.Empty, callers.Of(caller), new ProfileSet(files, [], []), ProfileName: "");
        var metadata = new MetadataSettings(own, areOfRequest: false);
        return FromMetadata(question, origin == CredentialOrigin.Instance ? metadata.Instance(profile: null) : metadata.Container(files));
    }

    private Outcome<AwsIdentity> FindConfigured(EcrSource source, string name, CallerIdentity caller)
    {
        CallerContext context = callers.Of(caller);
        return store.Load(ProfileFiles.In(context.Home)).Succeeded(out ProfileSet? profiles, out Problem? problem)
            ? FromProfile(new Question(source, CallerIdentity.Empty, context, profiles, name))
            : problem;
    }

    /// <summary>The profile that the caller means, if no other is named.</summary>
    public static string ChosenProfile(CallerIdentity caller) => NamedProfile(caller) ?? DefaultProfile;

    /// <summary>A profile of the caller's, whatever else the caller's variables say.</summary>
    public Outcome<AwsIdentity> FindProfile(string name, CallerIdentity caller, ProxySettings? proxy)
    {
        CallerContext context = callers.Of(caller);
        if (!Profiles(caller, context).Succeeded(out ProfileSet? profiles, out Problem? problem))
        {
            return problem;
        }

        string region = profiles.Profile(name)?["region"] ?? caller["AWS_REGION"] ?? caller["AWS_DEFAULT_REGION"] ?? "us-east-1";
        return EcrHost.Private(new string('0', 12), region) is { } somewhere
            ? FromProfile(new Question(EcrSource.Of(somewhere) with { Proxy = proxy }, caller, context, profiles, name))
            : new Problem(
                ProblemKind.BadSetting,
                $"the region of profile '{TextSanitizer.Name(name)}' is not an AWS region",
                "correct AWS_REGION or the profile's region");
    }

    private Outcome<AwsIdentity> FindCaller(EcrSource source, CallerIdentity caller)
    {
        CallerContext context = callers.Of(caller);
        bool needsNoFile = NeedsNoFile(caller);
        if (!Profiles(caller, context).Succeeded(out ProfileSet? profiles, out Problem? problem))
        {
            if (!needsNoFile)
            {
                return problem;
            }

            profiles = new ProfileSet(ProfileFiles.In(context.Home), [], []);
        }

        string? chosen = NamedProfile(caller);
        var question = new Question(source, caller, context, profiles, chosen ?? DefaultProfile)
        {
            PassedOver = problem ?? (needsNoFile ? profiles.FirstBroken : null),
        };
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

        if (chosen is not null || question.Profile is not null)
        {
            // One that holds nothing is passed over; a role whose source holds nothing is a mistake.
            Outcome<AwsIdentity> identity = FromProfile(question);
            if (identity.Succeeded(out _, out problem) || problem.Kind != ProblemKind.NoCredentials ||
                question.Profile?["role_arn"] is not null)
            {
                return identity;
            }
        }

        var metadata = new MetadataSettings(caller, areOfRequest: true);
        return metadata.HaveContainer ? FromMetadata(question, metadata.Container(profiles.Files)) : FromInstance(question, metadata);
    }

    private static string? NamedProfile(CallerIdentity caller) => caller["AWS_PROFILE"] ?? caller["AWS_DEFAULT_PROFILE"];

    private Outcome<ProfileSet> Profiles(CallerIdentity caller, CallerContext context) =>
        CallerFiles.Of(caller, context).Succeeded(out ProfileFiles? files, out Problem? problem) ? store.Load(files) : problem;

    /// <summary>The last resort. Most machines are no instance, and whoever can do without keys does not wait to find out.</summary>
    private Outcome<AwsIdentity> FromInstance(Question question, MetadataSettings metadata)
    {
        Problem tried = NothingFound(question);
        Outcome<CredentialProvider> found = metadata.Instance(question.Profile);
        if (!found.Succeeded(out CredentialProvider? provider, out Problem? problem))
        {
            return problem.Kind == ProblemKind.NoCredentials ? tried with { Message = $"{tried.Message}; {problem.Message}" } : problem;
        }

        var service = (CredentialProvider.Instance)provider with { NothingElse = tried };
        return question.Source.Service == EcrService.EcrPublic && !instance.IsKnown(service)
            ? tried with { Message = $"{tried.Message}; instance metadata: none is known" }
            : FromMetadata(question, service);
    }

    /// <summary>
    /// An instance has one role at a time, which nobody knows before it is asked: the cache key holds the service's address, and how often
    /// the role was seen to be exchanged.
    /// </summary>
    private Outcome<AwsIdentity> FromMetadata(Question question, Outcome<CredentialProvider> found)
    {
        if (!found.Succeeded(out CredentialProvider? provider, out Problem? problem))
        {
            return problem;
        }

        using var fingerprint = new Fingerprint();
        fingerprint.Add(provider.Place);
        if (provider is not CredentialProvider.Instance service)
        {
            return Complete(question, "container endpoint", provider, fingerprint, "container");
        }

        (string? role, string era) = instance.RoleOf(service);
        fingerprint.Add(era);
        return Complete(question, role is null ? "instance metadata" : $"instance role {role}", provider, fingerprint, "instance");
    }

    /// <summary>Whether the variables alone say who asks. What the files add of regions and addresses is then done without.</summary>
    private static bool NeedsNoFile(CallerIdentity caller) =>
        (caller["AWS_ACCESS_KEY_ID"] is not null && !caller.Secret("AWS_SECRET_ACCESS_KEY").IsEmpty) ||
        (caller["AWS_ROLE_ARN"] is not null && caller["AWS_WEB_IDENTITY_TOKEN_FILE"] is not null);

    private static Outcome<AwsIdentity> FromKeys(Question question, string id)
    {
        id = id.Trim();
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

    private Outcome<AwsIdentity> FromProfile(Question question)
    {
        bool isCaller = question.Source.UsesCallerIdentity;
        var reader = new ProfileReader(question.Profiles, new MetadataSettings(isCaller ? question.Caller : own, isCaller));
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

        fingerprint.Add(provider.Place);
        foreach (string? place in reader.RunsProgram ? question.Context.Identity : [])
        {
            fingerprint.Add(place);
        }

        return Complete(
            question,
            $"profile {TextSanitizer.Name(question.ProfileName)}",
            provider,
            fingerprint,
            isProfiles: true).Succeeded(out AwsIdentity? identity, out problem)
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
    /// <param name="isProfiles">Whether a profile has them, whose region then counts before the caller's.</param>
    private static Outcome<AwsIdentity> Complete(
        Question question,
        string holder,
        CredentialProvider provider,
        Fingerprint fingerprint,
        string? principal = null,
        bool isProfiles = false)
    {
        EcrSource source = question.Source;
        var configured = new ConfiguredEndpoints(question.Caller, question.Profile, question.Services);
        if (!configured.Find(source).Succeeded(out ServiceEndpoints? endpoints, out Problem? problem) ||
            !CaBundleOf(question).Succeeded(out CallerPath? bundle, out problem))
        {
            return problem;
        }

        string region = StsRegion(question, isProfiles);
        string? policy = source.Role?.Scope is { } scope ? SessionPolicy.For(scope, source.Partition, source.Region) : null;
        fingerprint.Add(source.Role?.Arn).Add(source.Role?.ExternalId).Add(source.Role?.SessionName).Add(policy);
        fingerprint.Add(region).Add(bundle.Path).Add(endpoints.Sts).Add(endpoints.Sso).Add(endpoints.SsoOidc).Add(endpoints.Signin);
        fingerprint.Add(endpoints.Fips ? "fips" : null).Add(endpoints.DualStack ? "dual stack" : null);
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
            PassedOver = question.PassedOver,
            StsRegion = region,
            CaBundle = bundle.Path,
            Proxy = source.Proxy,
            AppId = AppId(question.Caller["AWS_SDK_UA_APP_ID"] ?? question.Profile?["sdk_ua_app_id"]),
            Files = question.Profiles.Files,
            Context = question.Context,
            Warning = provider is CredentialProvider.WebIdentity web ? WarningAbout(web.TokenFile) : null,
            IsCallerSupplied = provider.GoesWithRequest,
        };
    }

    /// <summary>
    /// The first that is a region of the registry's partition; another partition has no such credentials, whatever a shell says. No region
    /// at all, or one that is none, stops nobody: the registry's own is as good.
    /// </summary>
    private static string StsRegion(Question question, bool isProfiles)
    {
        EcrSource source = question.Source;
        string? ofProfile = question.Profile?["region"];
        string?[] written =
        [
            isProfiles ? ofProfile : null, question.Caller["AWS_REGION"], question.Caller["AWS_DEFAULT_REGION"], ofProfile,
        ];
        return Array.Find(
            Array.ConvertAll(written, RegionName.Read),
            region => region is not null && Partition.OfRegion(region)?.Name == source.Partition) ?? source.Region;
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

    /// <summary>As AWS's tools send it: what has no place in the header is a hyphen, and more than 50 characters are not counted.</summary>
    private static string? AppId(string? written) => written?.Trim() is { Length: > 0 } name
        ? string.Concat(name.Take(50).Select(static c => char.IsAsciiLetterOrDigit(c) || "!$%&'*+-.^_`|~".Contains(c) ? c : '-'))
        : null;

    private static Outcome<CallerPath> CaBundleOf(Question question)
    {
        if (question.Caller["AWS_CA_BUNDLE"] is null && question.Profile?["ca_bundle"] is null)
        {
            return new CallerPath(question.Source.Proxy?.CaBundle is { } general ? question.Profiles.Files.Absolute(general) : null);
        }

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

    /// <summary>All that was tried before the instance, step by step.</summary>
    private static Problem NothingFound(Question question)
    {
        ProfileSet profiles = question.Profiles;
        string name = TextSanitizer.Name(question.ProfileName);
        Problem? broken = question.Profile is null ? profiles.FirstBroken : null;
        string profile = broken is not null ? broken.Message
            : question.Profile is not null ? $"{name} holds no credentials"
            : profiles.Files.Config is { } config ? $"{config} has no {name} profile"
            : "there is no home directory that belongs to this user";
        string hint = broken is not null ? broken.Hint
            : profiles.IsEmpty ? "run `aws configure sso` or `aws configure`, or set AWS_PROFILE, for the user who runs docker"
            : $"set AWS_PROFILE to one of: {string.Join(", ", profiles.Names.Take(5).Select(TextSanitizer.Name))}";
        return new Problem(
            ProblemKind.NoCredentials,
            "no AWS credentials: environment: AWS_ACCESS_KEY_ID is not set; web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set; "
                + $"profile: {(NamedProfile(question.Caller) is null ? "AWS_PROFILE is not set, and " : "")}{profile}; "
                + "container: AWS_CONTAINER_CREDENTIALS_* is not set",
            hint);
    }

    /// <summary>What is asked for, by whom, and by which profile.</summary>
    private sealed record Question(
        EcrSource Source, CallerIdentity Caller, CallerContext Context, ProfileSet Profiles, string ProfileName)
    {
        /// <summary>Why the caller's files are done without, or null.</summary>
        public Problem? PassedOver { get; init; }

        public IniSection? Profile { get; } = Profiles.Profile(ProfileName);

        public IniSection? Services => Profile?["services"] is { } name ? Profiles.Services(name) : null;
    }
}
