using Ark.Aws.Calls;
using Ark.Aws.Profiles;
using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Wire;
using Ark.Wire.Registries;

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
        bool isCallers = source.UsesCallerIdentity;
        Outcome<Setting> ecr = source.Endpoint is { } configured
            ? Check(new Setting("the endpoint in the configuration", configured), isCallers: false)
            : Check(isCallers ? Look(source.Service == EcrService.Ecr ? "ECR" : "ECR_PUBLIC") : Setting.None, isCallers);
        if (!ecr.Succeeded(out Setting? address, out Problem? problem) ||
            !Check(Look("STS"), isCallers).Succeeded(out Setting? sts, out problem) ||
            !Check(Look("SSO"), isCallers).Succeeded(out Setting? sso, out problem) ||
            !Check(Look("SSO_OIDC"), isCallers).Succeeded(out Setting? oidc, out problem) ||
            !Check(Look("SIGNIN"), isCallers).Succeeded(out Setting? signin, out problem) ||
            !Flag("use_fips_endpoint").Succeeded(out Setting? fips, out problem) ||
            !Flag("use_dualstack_endpoint").Succeeded(out Setting? dualStack, out problem))
        {
            return problem;
        }

        if (fips.IsTrue && source.Service == EcrService.EcrPublic && address.Value is null)
        {
            return new Problem(
                ProblemKind.BadSetting,
                $"ECR Public has no FIPS endpoint, and {fips.Name} asks for one",
                "unset it for public images, or set AWS_ENDPOINT_URL_ECR_PUBLIC");
        }

        var endpoints = new ServiceEndpoints(address.Value ?? source.DefaultEndpoint, sts.Value, sso.Value, oidc.Value, signin.Value)
        {
            Fips = source.Fips || fips.IsTrue,
            DualStack = source.DualStack || dualStack.IsTrue,
            IsCallersEcr = address.Value is not null && source.Endpoint is null,
        };
        return address.Value is not null || (endpoints.Fips == source.Fips && endpoints.DualStack == source.DualStack)
            ? endpoints
            : endpoints with
            {
                Ecr = Partition.OfRegion(source.Region)!.Api(source.Type, source.Region, endpoints.Fips, endpoints.DualStack),
            };
    }

    /// <summary>A setting that is true or false: <c>AWS_USE_FIPS_ENDPOINT</c>, or the profile's property of the same name.</summary>
    private Outcome<Setting> Flag(string property)
    {
        string variable = "AWS_" + property.ToUpperInvariant();
        Setting setting = caller[variable] is { } own ? new Setting(variable, own)
            : profile?[property] is { } general ? new Setting(OfProfile(property, profile), general)
            : Setting.None;
        return setting.IsTrue || setting.Value is null || string.Equals(setting.Value.Trim(), "false", StringComparison.OrdinalIgnoreCase)
            ? setting
            : new Problem(ProblemKind.BadSetting, $"{setting.Name} is neither true nor false", $"correct or remove {setting.Name}");
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
            profile?["endpoint_url"] is { } general ? new Setting(OfProfile("endpoint_url", profile), general) :
            Setting.None;
    }

    private static string OfProfile(string property, IniSection profile) =>
        $"{property} of profile '{TextSanitizer.Name(profile.Name)}'";

    /// <summary>
    /// Plain HTTP sends tokens over the network in the clear. Whoever sends their own keys to an address of their own, such as that of
    /// LocalStack beside them, may do so; an organization's keys go to this machine only.
    /// </summary>
    private static Outcome<Setting> Check(Setting setting, bool isCallers) =>
        setting.Value is not { } value ? setting
        : ApiEndpoint.TryParseWithPath(value.Trim(), out string url, out string refusal, plainHttp: isCallers)
            ? setting with { Value = url.TrimEnd('/') }
            : new Problem(ProblemKind.BadSetting, $"{setting.Name} {refusal}", $"correct or remove {setting.Name}");

    private static bool IsTrue(string? value) => string.Equals(value?.Trim(), "true", StringComparison.OrdinalIgnoreCase);

    private sealed record Setting(string Name, string? Value)
    {
        public static Setting None { get; } = new("", null);

        public bool IsTrue => ConfiguredEndpoints.IsTrue(Value);
    }
}
