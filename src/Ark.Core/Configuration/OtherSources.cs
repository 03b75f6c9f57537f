using Ark.Core.Sources;
using Ark.Wire;

namespace Ark.Core.Configuration;

/// <summary>Reads the sources that are not of AWS.</summary>
internal static class OtherSources
{
    internal static readonly string[] HelperProperties = ["type", "helper", "server", "lifetime"];
    internal static readonly string[] CommandProperties = ["type", "command", "username", "lifetime"];
    internal static readonly string[] StaticProperties = ["type", "username", "secret"];
    internal static readonly string[] OAuthProperties = ["type", "url", "form", "secretField", "secret", "tokenField", "username", "lifetime"];

    private static readonly TimeSpan ShortestLifetime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan HelperLifetime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan CommandLifetime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan OAuthLifetime = TimeSpan.FromMinutes(15);

    /// <summary>Null after an error.</summary>
    public static RegistrySource? Read(ref ConfigurationReader json, string type, long start) => type switch
    {
        "helper" => Helper(ref json, start),
        "command" => Command(ref json, start),
        "static" => Static(ref json, start),
        _ => OAuth(ref json, start),
    };

    private static HelperSource? Helper(ref ConfigurationReader json, long start)
    {
        string? helper = null;
        string? server = null;
        TimeSpan? lifetime = null;
        uint seen = 0;
        while (json.NextProperty(HelperProperties, ref seen) is { } property)
        {
            switch (property)
            {
                case "helper":
                    helper = ConfigurationRules.Helper(ref json, property);
                    break;
                case "server":
                    server = ConfigurationRules.Text(ref json, property)?.Text;
                    break;
                case "lifetime":
                    lifetime = ConfigurationRules.Lifetime(ref json, TimeSpan.Zero);
                    break;
                default:
                    _ = json.String(property);
                    break;
            }
        }

        json.Require(HelperProperties, seen, start, "a source of type \"helper\"", "helper");
        return helper is null ? null : new HelperSource(helper, server, lifetime ?? HelperLifetime);
    }

    private static CommandSource? Command(ref ConfigurationReader json, long start)
    {
        ValueList<string>? command = null;
        string? username = null;
        TimeSpan? lifetime = null;
        uint seen = 0;
        while (json.NextProperty(CommandProperties, ref seen) is { } property)
        {
            switch (property)
            {
                case "command":
                    command = SecretSyntax.Command(ref json);
                    break;
                case "username":
                    username = ConfigurationRules.Text(ref json, property)?.Text;
                    break;
                case "lifetime":
                    lifetime = ConfigurationRules.Lifetime(ref json, ShortestLifetime);
                    break;
                default:
                    _ = json.String(property);
                    break;
            }
        }

        json.Require(CommandProperties, seen, start, "a source of type \"command\"", "command");
        return command is null ? null : new CommandSource(command, username, lifetime ?? CommandLifetime);
    }

    private static StaticSource? Static(ref ConfigurationReader json, long start)
    {
        string? username = null;
        SecretReference? secret = null;
        uint seen = 0;
        while (json.NextProperty(StaticProperties, ref seen) is { } property)
        {
            switch (property)
            {
                case "username":
                    username = ConfigurationRules.Text(ref json, property)?.Text;
                    break;
                case "secret":
                    secret = SecretSyntax.Read(ref json, property);
                    break;
                default:
                    _ = json.String(property);
                    break;
            }
        }

        json.Require(StaticProperties, seen, start, "a source of type \"static\"", "secret");
        return secret is null ? null : new StaticSource(username, secret);
    }

    private static OAuthSource? OAuth(ref ConfigurationReader json, long start)
    {
        string? url = null;
        var form = new List<FormField>();
        string? secretField = null;
        SecretReference? secret = null;
        string? tokenField = null;
        string? username = null;
        TimeSpan? lifetime = null;
        uint seen = 0;
        while (json.NextProperty(OAuthProperties, ref seen) is { } property)
        {
            switch (property)
            {
                case "url":
                    url = ConfigurationRules.Url(ref json);
                    break;
                case "form":
                    ReadForm(ref json, form);
                    break;
                case "secretField":
                    secretField = ConfigurationRules.RequiredText(ref json, property)?.Text;
                    break;
                case "secret":
                    secret = SecretSyntax.Read(ref json, property);
                    break;
                case "tokenField":
                    tokenField = ConfigurationRules.Text(ref json, property)?.Text;
                    break;
                case "username":
                    username = ConfigurationRules.RequiredText(ref json, property)?.Text;
                    break;
                case "lifetime":
                    lifetime = ConfigurationRules.Lifetime(ref json, ShortestLifetime);
                    break;
                default:
                    _ = json.String(property);
                    break;
            }
        }

        json.Require(OAuthProperties, seen, start, "a source of type \"oauth\"", "url", "secretField", "secret", "username");
        return url is null || secretField is null || secret is null || username is null
            ? null
            : new OAuthSource(url, new ValueList<FormField>(form), secretField, secret, tokenField, username, lifetime ?? OAuthLifetime);
    }

    private static void ReadForm(ref ConfigurationReader json, List<FormField> form)
    {
        if (!json.IsObject("form"))
        {
            return;
        }

        while (json.NextEntry() is { } name)
        {
            if (form.Exists(field => field.Name == name.Text))
            {
                json.Errors.Add(name, $"{TextSanitizer.Quote(name.Text)} stands here twice");
                json.Skip();
            }
            else if (json.String("a field of the form") is { } value)
            {
                form.Add(new FormField(name.Text, value.Text));
            }
        }
    }
}
