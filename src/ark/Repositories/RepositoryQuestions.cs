using System.Text;
using System.Text.Json;
using Ark.Cli.Output;
using Ark.Client;
using Ark.Messages;
using Ark.Wire;

namespace Ark.Cli.Repositories;

/// <summary>What can be asked about one repository of one organization. Every answer is its URL.</summary>
/// <param name="daemon">The daemon of this user.</param>
/// <param name="terminal">Where the daemon's own words go.</param>
/// <param name="organization">The name or id of the organization.</param>
/// <param name="host">The registry, where the organization has several; else null.</param>
internal sealed class RepositoryQuestions(IDaemon daemon, Terminal terminal, string organization, string? host)
{
    /// <exception cref="DaemonError">The daemon said no, and why.</exception>
    public string Locate(string name) =>
        Ask(Verb.LocateRepository, RequestFor(name));

    /// <exception cref="DaemonError">The daemon said no, and why.</exception>
    public string Create(string name, bool ifNotExists) =>
        Ask(Verb.CreateRepository, RequestFor(name) with { IfNotExists = ifNotExists });

    /// <summary>Creates it without a word, be it there already or not.</summary>
    /// <exception cref="DaemonError">The daemon said no, and why.</exception>
    public void Ensure(string name)
    {
        var reply = daemon.AskFor(Verb.CreateRepository, Payload(RequestFor(name) with { IfNotExists = true }), StartMode.StartIfAbsent)!;
        if (reply.ExitCode != 0)
        {
            terminal.WriteError(reply.Stderr);
            throw new DaemonError();
        }
    }

    /// <exception cref="DaemonError">The daemon said no, and why.</exception>
    public string Delete(string name, bool force) =>
        Ask(Verb.DeleteRepository, RequestFor(name) with { Force = force });

    private RepositoryRequest RequestFor(string name) => new() { Organization = organization, Name = name, Host = host };

    private static byte[] Payload(RepositoryRequest request) => JsonSerializer.SerializeToUtf8Bytes(request, MessagesJson.Default.RepositoryRequest);

    private string Ask(Verb verb, RepositoryRequest request) =>
        TextSanitizer.Line(Encoding.UTF8.GetString(terminal.Answer(daemon, verb, Payload(request))).Trim());
}
