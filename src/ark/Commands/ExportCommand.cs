using System.CommandLine;
using Ark.Cli.Credentials;
using Ark.Cli.Docker;
using Ark.Cli.Output;
using Ark.Client;
using Ark.Wire;

namespace Ark.Cli.Commands;

/// <summary><c>ark export</c>: copies of passwords for places that can hold nothing better. It says when each copy dies.</summary>
internal sealed class ExportCommand(IDaemon daemon, Terminal terminal, TimeProvider clock)
{
    private const string DockerConfigJson = "dockerconfigjson";
    private const string KubernetesSecret = "k8s-secret";

    private readonly Argument<string[]> _hosts = new("host") { Description = "a registry host", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string> _format = new("--format") { Description = "what to print", Required = true };
    private readonly Option<string> _name = new("--name") { Description = "the name of the secret", HelpName = "NAME", DefaultValueFactory = _ => "ark-registry" };
    private readonly Option<string?> _namespace = new("--namespace", "-n") { Description = "the namespace of the secret; without it, whichever applies it", HelpName = "NS" };

    public Command ToCommand()
    {
        _format.AcceptOnlyFromAmong(DockerConfigJson, KubernetesSecret);
        var command = new HelpExamples("export", "print copies of passwords for places that cannot ask", """
            Examples:
              ark export --format k8s-secret --namespace shop HOST | kubectl apply -f -
              (umask 077 && ark export --format dockerconfigjson HOST > auth.json)

            Nothing renews a copy: on standard error it says when each one dies. Wherever a credential helper can run, use that.
            """) { _hosts, _format, _name, _namespace };
        command.SetAction(Export);
        return command;
    }

    private int Export(ParseResult parsed)
    {
        var name = Checked(parsed.GetRequiredValue(_name), "name");
        var space = parsed.GetValue(_namespace) is { } given ? Checked(given, "namespace") : null;
        var credentials = new CredentialQuestions(daemon, terminal);

        // All or nothing: a configuration that lacks a host would look like a good one.
        var copies = parsed.GetRequiredValue(_hosts).Select(host => host == RegistryHost.DockerHub ? host : RegistryHost.Parse(host)).Distinct()
            .Select(host => (Key: host, Login: credentials.Login(host))).ToList();
        var config = DockerAuths.Of(copies);
        if (parsed.GetRequiredValue(_format) == KubernetesSecret)
        {
            terminal.Out.Write(Manifest(name, space, config));
        }
        else
        {
            terminal.Write([.. config, (byte)'\n']);
        }

        foreach (var (host, found) in copies)
        {
            terminal.Note(ExpiryNote.For($"the copy for {host}", found.ExpiresAt, clock.GetUtcNow()));
        }

        return 0;
    }

    private static string Manifest(string name, string? space, byte[] config) => $"""
        apiVersion: v1
        kind: Secret
        metadata:
          name: "{name}"{(space is null ? "" : $"\n  namespace: \"{space}\"")}
        type: kubernetes.io/dockerconfigjson
        data:
          .dockerconfigjson: {Convert.ToBase64String(config)}

        """.ReplaceLineEndings("\n");

    /// <summary>What Kubernetes takes for a name; so nothing in it can be YAML.</summary>
    private static string Checked(string name, string what) =>
        name.Length is > 0 and <= 253 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.')
            && char.IsAsciiLetterOrDigit(name[0]) && char.IsAsciiLetterOrDigit(name[^1])
            ? name
            : throw new UserError($"\"{TextSanitizer.Line(name)}\" is no {what} of Kubernetes", "use lower-case letters, digits, hyphens and dots");
}
