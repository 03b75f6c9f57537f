using System.Text;
using Ark.Cli.Output;
using Ark.Client;
using Ark.Messages;
using Ark.Wire;

namespace Ark.Cli.Credentials;

/// <summary>What can be asked about the credentials of a registry. The daemon's notes go to the error stream at once.</summary>
internal sealed class CredentialQuestions(IDaemon daemon, Terminal terminal)
{
    /// <summary>The password and a new line, in bytes that are printed and forgotten.</summary>
    /// <param name="registry">A registry host, or an image on it.</param>
    /// <exception cref="UserError">Nobody serves it.</exception>
    /// <exception cref="DaemonError">It is served, but there are no credentials now.</exception>
    public byte[] Password(string registry)
    {
        var reply = Send(Verb.Token, registry);
        if (reply.ExitCode != 0 && reply.Reason() is null)
        {
            // "Not found" is said for several reasons, as to clients of a helper; a description tells them apart.
            return Encoding.UTF8.GetBytes($"{Login(registry).Secret}\n");
        }

        return Take(reply, registry);
    }

    /// <summary>User name, password and how long it is good.</summary>
    /// <inheritdoc cref="Password"/>
    public RegistryLogin Login(string registry)
    {
        ImageDescription found = Describe(registry);
        return found.Login() ?? throw (found.Organization is { } organization
            ? new UserError(
                $"organization {TextSanitizer.Line(organization)} has no credentials for {TextSanitizer.Line(registry)} yet",
                $"docker login {TextSanitizer.Line(found.Host)}")
            : NotServed(registry));
    }

    /// <summary>The reference in its parts, and the credentials if ark has any: an image on a registry of somebody else has parts too.</summary>
    /// <exception cref="UserError">It is no reference.</exception>
    /// <exception cref="DaemonError">The registry is served, but there are no credentials now.</exception>
    public ImageDescription Describe(string image) => DaemonJson.Read(Take(Send(Verb.Describe, image), image), MessagesJson.Default.ImageDescription, "credentials");

    private Reply Send(Verb verb, string registry) => daemon.AskFor(verb, Encoding.UTF8.GetBytes(registry), StartMode.StartIfAbsent)!;

    private byte[] Take(Reply reply, string registry)
    {
        terminal.WriteError(reply.Stderr);
        return reply switch
        {
            { ExitCode: 0 } => reply.Stdout,
            _ when reply.Reason() is not null => throw new DaemonError(),
            _ => throw NotServed(registry),
        };
    }

    private static UserError NotServed(string registry) => new(
        $"{TextSanitizer.Line(registry)} is not a registry that ark serves", "name an ECR registry, or bind this one to an organization in the configuration");
}
