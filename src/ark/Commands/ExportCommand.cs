using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ark.Cli.Credentials;
using Ark.Cli.Help;
using Ark.Cli.Output;
using Ark.Cli.Queries;

namespace Ark.Cli.Commands;

/// <summary><c>ark export</c>: copies of passwords for places that cannot run a helper. It says when each copy expires.</summary>
internal sealed class ExportCommand(DaemonQueries queries, Terminal terminal, TimeProvider clock)
{
    private const string DockerConfigJson = "dockerconfigjson";
    private const string KubernetesSecret = "k8s-secret";

    private readonly Argument<string[]> _hosts = Options.Several("host", "a registry host");
    private readonly Option<string> _format = new("--format") { Description = "what to print", Required = true };
    private readonly Option<string> _name = Options.Required("--name", "NAME", "the name of the secret", "ark-registry");
    private readonly Option<string?> _namespace =
        Options.Text("--namespace", "NS", "the namespace of the secret (default: chosen when it is applied)", "-n");

    public Command ToCommand()
    {
        _format.AcceptOnlyFromAmong(DockerConfigJson, KubernetesSecret);
        var command = new CommandWithExamples("export", "print passwords for systems that cannot run a credential helper", """
            Examples:
              ark export --format k8s-secret --namespace shop HOST | kubectl apply -f -
              (umask 077 && ark export --format dockerconfigjson HOST > auth.json)

            Nothing renews such a copy; when it expires is printed on standard error. Where a credential helper can run, use that.
            """) { _hosts, _format, _name, _namespace };
        command.SetAction(Export);
        return command;
    }

    private int Export(ParseResult parsed)
    {
        string name = Checked(parsed.GetRequiredValue(_name), "name");
        string? space = parsed.GetValue(_namespace) is { } given ? Checked(given, "namespace") : null;

        // All or nothing: a file that lacks a host would look like a good one.
        IEnumerable<string> hosts = parsed.GetRequiredValue(_hosts).Select(RegistryHost.Parse).Distinct();
        List<(string Host, RegistryLogin Login)> copies = [.. hosts.Select(host => (host, queries.Login(host)))];
        byte[] config = DockerAuths.Of(copies);
        bool isSecret = parsed.GetRequiredValue(_format) == KubernetesSecret;
        terminal.WriteResult(isSecret ? Manifest(name, space, config) : [.. config, (byte)'\n']);
        foreach ((string host, RegistryLogin login) in copies)
        {
            terminal.Note($"the copy for {host} {Lifetime.Expiry(login.ExpiresAt, clock.GetUtcNow())}");
        }

        return 0;
    }

    private static byte[] Manifest(string name, string? space, byte[] config) => Encoding.UTF8.GetBytes($"""
        apiVersion: v1
        kind: Secret
        metadata:
          name: "{name}"{(space is null ? "" : $"\n  namespace: \"{space}\"")}
        type: kubernetes.io/dockerconfigjson
        data:
          .dockerconfigjson: {Convert.ToBase64String(config)}

        """.ReplaceLineEndings("\n"));

    /// <summary>What Kubernetes takes for a name; so nothing in it can be YAML.</summary>
    private static string Checked(string name, string what) =>
        name.Length is > 0 and <= 253 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.')
            && char.IsAsciiLetterOrDigit(name[0]) && char.IsAsciiLetterOrDigit(name[^1])
            ? name
            : throw new UserError($"invalid Kubernetes {what}: \"{name}\"", "use lower-case letters, digits, hyphens and dots");
}

/// <summary>A docker configuration that holds copies of passwords.</summary>
internal sealed record DockerAuths(IReadOnlyDictionary<string, DockerAuth> Auths)
{
    /// <summary>The bytes of a <c>config.json</c>. Docker Hub goes by its URL, everything else by its bare host.</summary>
    public static byte[] Of(IEnumerable<(string Host, RegistryLogin Login)> copies) => JsonSerializer.SerializeToUtf8Bytes(
        new DockerAuths(copies.ToDictionary(copy => copy.Host, copy => new DockerAuth(
            copy.Login.Username,
            copy.Login.Secret,
            Convert.ToBase64String(Encoding.UTF8.GetBytes($"{copy.Login.Username}:{copy.Login.Secret}"))))),
        DockerAuthsJson.Default.DockerAuths);
}

internal sealed record DockerAuth(string Username, string Password, string Auth)
{
    public override string ToString() => $"credentials of {Username}";
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(DockerAuths))]
internal sealed partial class DockerAuthsJson : JsonSerializerContext;
