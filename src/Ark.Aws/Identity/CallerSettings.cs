using System.Net;
using System.Text;
using Ark.Aws.Calls;
using Ark.Aws.Profiles;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;

namespace Ark.Aws.Identity;

/// <summary>The paths that a caller's variables name. They must be absolute: the daemon does not know the caller's directory.</summary>
internal static class CallerFiles
{
    public static Outcome<ProfileFiles> Of(CallerIdentity caller, CallerContext context)
    {
        (string name, string? value) = CallerContexts.HomeVariable(caller);
        if (value is not null && !Path.IsPathFullyQualified(value))
        {
            return NotAbsolute(name);
        }

        ProfileFiles files = ProfileFiles.In(context.Home);
        if (!PathOf(caller, files, "AWS_CONFIG_FILE").Succeeded(out CallerPath? config, out Problem? problem) ||
            !PathOf(caller, files, "AWS_SHARED_CREDENTIALS_FILE").Succeeded(out CallerPath? credentials, out problem) ||
            !PathOf(caller, files, "AWS_LOGIN_CACHE_DIRECTORY").Succeeded(out CallerPath? logins, out problem))
        {
            return problem;
        }

        return files with
        {
            Config = config.Path ?? files.Config,
            Credentials = credentials.Path ?? files.Credentials,
            LoginCache = logins.Path ?? files.LoginCache,
        };
    }

    /// <summary>The path in a variable, or a path of null when the variable is unset.</summary>
    public static Outcome<CallerPath> PathOf(CallerIdentity caller, ProfileFiles files, string variable)
    {
        if (caller[variable] is not { } value)
        {
            return new CallerPath(null);
        }

        return files.Absolute(value) is { } path ? new CallerPath(path) : NotAbsolute(variable);
    }

    // Never the value: what belongs into the file that AWS_WEB_IDENTITY_TOKEN_FILE names is at times pasted into the variable.
    private static Problem NotAbsolute(string variable) =>
        new(ProblemKind.BadSetting, $"{variable} is not an absolute path", $"write the whole path into {variable}");
}

/// <summary>An absolute path, or null where the caller names none.</summary>
internal sealed record CallerPath(string? Path);

/// <summary>
/// Finds the addresses of the services in AWS's order: the variable of the service, the variable of all, the profile's
/// <c>services</c> section, the profile's <c>endpoint_url</c>.
/// </summary>
/// <param name="caller">The caller's variables; <see cref="CallerIdentity.Empty"/> for an organization of the configuration.</param>
/// <param name="profile">The profile, or null where there is none.</param>
/// <param name="services">The section that the profile's <c>services</c> names, or null.</param>
internal sealed class ConfiguredEndpoints(CallerIdentity caller, IniSection? profile, IniSection? services)
{
    /// <summary>What is written for ECR's API, unchecked; null where nothing is.</summary>
    public string? Ecr => Look("ECR").Value;

    public Outcome<ServiceEndpoints> Find(EcrSource source)
    {
        string variable = source.Service == EcrService.Ecr ? "ECR" : "ECR_PUBLIC";
        Outcome<Setting> ecr = source.Endpoint is { } configured
            ? Check(new Setting("the endpoint in the configuration", configured))
            : Check(source.UsesCallerIdentity ? Look(variable) : Setting.None);
        if (!ecr.Succeeded(out Setting? address, out Problem? problem) ||
            !Check(Look("STS")).Succeeded(out Setting? sts, out problem) ||
            !Check(Look("SSO")).Succeeded(out Setting? sso, out problem) ||
            !Check(Look("SSO_OIDC")).Succeeded(out Setting? oidc, out problem) ||
            !Check(Look("SIGNIN")).Succeeded(out Setting? signin, out problem))
        {
            return problem;
        }

        return new ServiceEndpoints(address.Value ?? source.DefaultEndpoint, sts.Value, sso.Value, oidc.Value, signin.Value);
    }

    private Setting Look(string service)
    {
        if (IsTrue(caller["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]) || IsTrue(profile?["ignore_configured_endpoint_urls"]))
        {
            return Setting.None;
        }

        string variable = "AWS_ENDPOINT_URL_" + service;
        return
            caller[variable] is { } own ? new Setting(variable, own) :
            caller["AWS_ENDPOINT_URL"] is { } all ? new Setting("AWS_ENDPOINT_URL", all) :
            services?.NestedValue(service.ToLowerInvariant(), "endpoint_url") is { } listed
                ? new Setting($"endpoint_url of [services {services.Name}]", listed) :
            profile?["endpoint_url"] is { } general ? new Setting($"endpoint_url of profile '{profile.Name}'", general) :
            Setting.None;
    }

    /// <summary>Plain HTTP would send tokens over the network in the clear: it is for this machine itself only.</summary>
    private static Outcome<Setting> Check(Setting setting)
    {
        if (setting.Value is not { } value)
        {
            return setting;
        }

        string? fault =
            !Ascii.IsValid(value) || !Uri.TryCreate(value, UriKind.Absolute, out Uri? uri) ? "is not an http(s) address" :
            uri.Scheme is not ("https" or "http") ? "is not an http(s) address" :
            uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0 ? "must be scheme, host and port only" :
            uri.Scheme == "http" && !IsLoopback(uri) ? "uses http:// for another machine" :
            null;
        return fault is null
            ? setting with { Value = new Uri(value).GetLeftPart(UriPartial.Path).TrimEnd('/') }
            : new Problem(ProblemKind.BadSetting, $"{setting.Name} {fault}", "use https://host, or http:// with a loopback address");
    }

    private static bool IsLoopback(Uri uri) =>
        uri.Host == "localhost" || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));

    private static bool IsTrue(string? value) => string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);

    private sealed record Setting(string Name, string? Value)
    {
        public static Setting None { get; } = new("", null);
    }
}
