using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ark.Aws.Calls;
using Ark.Aws.Profiles;
using Ark.Core.Problems;
using Ark.Wire;

namespace Ark.Aws.Credentials;

/// <summary>
/// Says where the credentials of a profile come from, following the profiles it refers to, and notes every section it used: they are what
/// the fingerprint is made of. One reader reads one profile.
/// </summary>
/// <param name="profiles">The profiles of whoever asks.</param>
/// <param name="metadata">Where the metadata endpoints are for whoever asks.</param>
internal sealed class ProfileReader(ProfileSet profiles, MetadataSettings metadata)
{
    /// <summary>How CloudTrail shows a role that ark assumed, unless the profile names its session.</summary>
    public const string DefaultSessionName = "ark";

    private readonly List<IniSection> _used = [];
    private readonly List<string> _chain = [];

    /// <summary>Whether a program is run, which may find other keys in another store.</summary>
    public bool RunsProgram { get; private set; }

    /// <summary>Every section that had a say, in the order in which they were met.</summary>
    public IReadOnlyList<IniSection> Used => _used;

    public Outcome<CredentialProvider> Read(string name) => Read(name, referrer: null);

    private Outcome<CredentialProvider> Read(string name, string? referrer)
    {
        if (profiles.Profile(name) is not { } profile)
        {
            return profiles.NotFound(name, referrer);
        }

        // A profile may name itself as its source: its role is then assumed with its own keys.
        bool keysFirst = referrer is not null && HasKeys(profile);
        if (!keysFirst && _chain.Contains(name))
        {
            return Bad(
                name,
                $"its source_profile chain comes back to itself ({string.Join(" → ", _chain)} → {name})",
                "let the chain end in a profile with credentials");
        }

        _chain.Add(name);
        _used.Add(profile);
        IniSection? services = referrer is null && profile["services"] is { } listed ? profiles.Services(listed) : null;
        if ((profile.Fault ?? services?.Fault) is { } broken)
        {
            return broken;
        }

        return !keysFirst && profile["role_arn"] is { } role ? ReadRole(name, profile, role) : ReadOwn(name, profile);
    }

    /// <summary>What a profile has besides a role, in the order of the AWS helper: its keys before its login.</summary>
    private Outcome<CredentialProvider> ReadOwn(string name, IniSection profile)
    {
        if (HasKeys(profile))
        {
            return new CredentialProvider.InProfile(profile);
        }

        if ((profile["sso_session"] ?? profile["sso_start_url"]) is not null)
        {
            return ReadSso(name, profile);
        }

        if (profile["login_session"] is { } session)
        {
            return ReadLogin(name, profile, session);
        }

        if (profile["credential_process"] is not null && profiles.Fault is { } fault)
        {
            return Bad(name, $"its credential_process could be another user's, since {fault.Message}", fault.Repair);
        }

        if (profile["credential_process"] is { } command)
        {
            RunsProgram = true;
            return new CredentialProvider.Program(name, command);
        }

        if (WhatIsMissing(profile) is { } half)
        {
            return Bad(
                name, $"it has {half.Setting} without {half.Missing}", $"add {half.Missing}, or run `{half.Command} --profile {name}`");
        }

        return new Problem(
            ProblemKind.NoCredentials,
            $"the profile '{name}' holds no credentials and says nothing of where they come from",
            profiles.Misnamed(name) ?? $"run `aws configure sso --profile {name}` or `aws configure --profile {name}`");
    }

    /// <summary>What is there by half. It stops, as it stops AWS's tools; a profile that says nothing is passed over.</summary>
    private static (string Setting, string Missing, string Command)? WhatIsMissing(IniSection profile) =>
        profile["aws_access_key_id"] is not null ? ("aws_access_key_id", "aws_secret_access_key", "aws configure") :
        profile["aws_secret_access_key"] is not null ? ("aws_secret_access_key", "aws_access_key_id", "aws configure") :
        profile["sso_account_id"] is not null ? ("sso_account_id", "sso_session or sso_start_url", "aws configure sso") :
        profile["sso_role_name"] is not null ? ("sso_role_name", "sso_session or sso_start_url", "aws configure sso") :
        profile["web_identity_token_file"] is not null ? ("web_identity_token_file", "role_arn", "aws configure") :
        profile["source_profile"] is not null ? ("source_profile", "role_arn", "aws configure") :
        null;

    private Outcome<CredentialProvider> ReadRole(string name, IniSection profile, string roleArn)
    {
        // AWS's tools pass over what is no number, and AWS refuses what it does not allow.
        int? seconds = int.TryParse(profile["duration_seconds"], NumberStyles.Integer, CultureInfo.InvariantCulture, out int parsed)
            ? parsed
            : null;
        if (seconds is < 900 or > 43_200)
        {
            return Bad(name, "its duration_seconds is not between 900 and 43200", "correct or remove duration_seconds");
        }

        string sessionName = profile["role_session_name"] ?? DefaultSessionName;
        if (profile["web_identity_token_file"] is { } tokenFile)
        {
            return profiles.Files.Absolute(tokenFile) is { } path
                ? new CredentialProvider.WebIdentity(roleArn, sessionName, path, seconds)
                : Bad(name, $"its web_identity_token_file is not an absolute path", "write the whole path");
        }

        Outcome<CredentialProvider> source = (profile["source_profile"], profile["credential_source"]) switch
        {
            ({ } sourceName, null) => Read(sourceName, referrer: name),
            (null, { } origin) => Origin(name, profile, origin),
            (null, null) => ReadOwnOrMachine(name, profile),
            _ => Bad(name, "it has both source_profile and credential_source", "remove one of the two"),
        };
        return source.Succeeded(out CredentialProvider? provider, out Problem? problem)
            ? new CredentialProvider.Role(provider, roleArn, sessionName, profile["external_id"], seconds)
            {
                Mfa = profile["mfa_serial"] is { } device ? new CredentialProvider.MfaDevice(device, name) : null,
            }
            : problem;
    }

    // As the AWS helper has it: a role that names no source is assumed with what else is in its profile, else with what the machine has.
    private Outcome<CredentialProvider> ReadOwnOrMachine(string name, IniSection profile)
    {
        Outcome<CredentialProvider> own = ReadOwn(name, profile);
        if (own.Succeeded(out _, out Problem? problem) || problem.Kind != ProblemKind.NoCredentials)
        {
            return own;
        }

        if (metadata.HaveContainer)
        {
            return metadata.Container(profiles.Files);
        }

        Problem nothing = Bad(name, "it has role_arn and nothing to assume the role with", "add source_profile");
        return metadata.Instance(profile).Succeeded(out CredentialProvider? instance, out _)
            ? (CredentialProvider.Instance)instance with { NothingElse = nothing }
            : nothing;
    }

    // Keys in the environment come before any profile, so a profile that wants them is never reached with them; and what a caller has in
    // its environment is no part of an organization's profile.
    private Outcome<CredentialProvider> Origin(string name, IniSection profile, string origin) => origin switch
    {
        "Ec2InstanceMetadata" => metadata.Instance(profile),
        "EcsContainer" => metadata.Container(profiles.Files),
        "Environment" => new Problem(
            ProblemKind.BadSetting,
            $"the profile '{name}' has credential_source = Environment, and {metadata.NoKeys}",
            "use source_profile, Ec2InstanceMetadata or EcsContainer"),
        _ => Bad(
            name,
            $"its credential_source is {TextSanitizer.Name(origin)}",
            "use Environment, Ec2InstanceMetadata or EcsContainer"),
    };

    private Outcome<CredentialProvider> ReadSso(string name, IniSection profile)
    {
        IniSection login = profile;
        string key = profile["sso_start_url"] ?? "";
        if (profile["sso_session"] is { } sessionName)
        {
            if (profiles.SsoSession(sessionName) is not { } session)
            {
                return Bad(
                    name,
                    $"it refers to [sso-session {sessionName}], which is not in {profiles.Files.Config}",
                    $"run `aws configure sso --profile {name}`");
            }

            _used.Add(session);
            if (session.Fault is { } broken)
            {
                return broken;
            }

            foreach (string shared in (string[])["sso_start_url", "sso_region"])
            {
                if (session[shared] is not { } inSession)
                {
                    return Bad(name, $"its [sso-session {sessionName}] has no {shared}", $"add {shared} to [sso-session {sessionName}]");
                }

                if (profile[shared] is { } inProfile && inProfile != inSession)
                {
                    return Bad(
                        name,
                        $"its {shared} is not that of [sso-session {sessionName}]",
                        $"remove {shared} from the profile: the session has it");
                }
            }

            (login, key) = (session, sessionName);
        }

        if (login["sso_region"] is { } named && !RegionName.IsValid(named))
        {
            return Bad(name, "its sso_region is not the name of a region", "correct sso_region");
        }

        if ((login["sso_region"], profile["sso_account_id"], profile["sso_role_name"]) is not ({ } region, { } account, { } role))
        {
            string missing =
                login["sso_region"] is null ? "sso_region" : profile["sso_account_id"] is null ? "sso_account_id" : "sso_role_name";
            return Bad(name, $"it signs in with SSO and has no {missing}", $"add {missing}, or run `aws configure sso --profile {name}`");
        }

        if (profiles.Files.SsoCache is not { } cache)
        {
            return Bad(name, "there is no home directory to read the SSO login from", "set HOME");
        }

#pragma warning disable CA5350 // The AWS command names the files of its login cache by SHA-1; nothing is protected by it.
        string file = Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(key))) + ".json";
#pragma warning restore CA5350
        return new CredentialProvider.Sso(name, Path.Combine(cache, file), region, account, role)
        {
            StartUrl = login["sso_start_url"] ?? "",

            // Without a session AWS's tools ask for no scopes, and get no refresh token.
            Scopes = profile["sso_session"] is null
                ? []
                : (login["sso_registration_scopes"] ?? "sso:account:access").Split(',', StringSplitOptions.TrimEntries),
        };
    }

    private Outcome<CredentialProvider> ReadLogin(string name, IniSection profile, string session)
    {
        if (profiles.Files.LoginCache is not { } cache)
        {
            return Bad(name, "there is no home directory to read the session of `aws login` from", "set HOME");
        }

        string? account = CredentialProvider.AccountOf(session) is { Length: 12 } digits && digits.All(char.IsAsciiDigit) ? digits : null;
        return new CredentialProvider.Login(name, LoginSession.FileOf(session, cache), profile["region"], account);
    }

    private static bool HasKeys(IniSection profile) => (profile["aws_access_key_id"], profile["aws_secret_access_key"]) is ({ }, { });

    private static Problem Bad(string profile, string reason, string hint) =>
        new(ProblemKind.BadSetting, $"the profile '{profile}' cannot be used: {reason}", hint);
}
