using System.Text;
using Ark.Cli.Output;
using Ark.Client;
using Ark.Wire;

namespace Ark.Cli.Credentials;

/// <summary>What can be asked about the credentials of a registry. The daemon's notes go to the error stream at once.</summary>
internal sealed class CredentialQuestions(IDaemon daemon, Terminal terminal)
{
    /// <summary>The password and a new line, in bytes that are printed and forgotten.</summary>
    /// <param name="registry">A registry host, or an image on it.</param>
    /// <exception cref="Refusal">Nobody serves it.</exception>
    /// <exception cref="DaemonRefusal">It is served, but there are no credentials now.</exception>
    public byte[] Password(string registry) => Ask(Verb.Token, registry);

    /// <summary>The reference in its parts, and the credentials.</summary>
    /// <inheritdoc cref="Password"/>
    public Description Describe(string registry) => Description.Parse(Ask(Verb.Describe, registry));

    private byte[] Ask(Verb verb, string registry)
    {
        var reply = daemon.AskFor(verb, Encoding.UTF8.GetBytes(registry), StartMode.StartIfAbsent)!;
        terminal.WriteError(reply.Stderr);
        return reply switch
        {
            { ExitCode: 0 } => reply.Stdout,
            _ when reply.Reason() is not null => throw new DaemonRefusal(),
            _ => throw new Refusal(
                $"{Printable.Line(registry)} is not a registry that ark serves",
                "name an ECR registry, or bind this one to an organization in the map file"),
        };
    }
}
