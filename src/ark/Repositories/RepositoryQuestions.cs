using System.Text;
using System.Text.Json;
using Ark.Cli.Output;
using Ark.Client;
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
        Ask(Verb.LocateRepository, JsonSerializer.SerializeToUtf8Bytes(new(organization, name, host), RepositoryJson.Default.LocateRequest));

    /// <exception cref="DaemonError">The daemon said no, and why.</exception>
    public string Create(string name, bool ifNotExists) =>
        Ask(Verb.CreateRepository, JsonSerializer.SerializeToUtf8Bytes(new(organization, name, host, ifNotExists), RepositoryJson.Default.CreateRequest));

    /// <summary>Creates it without a word, be it there already or not.</summary>
    /// <exception cref="DaemonError">The daemon said no, and why.</exception>
    public void Ensure(string name)
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(new(organization, name, host, IfNotExists: true), RepositoryJson.Default.CreateRequest);
        var reply = daemon.AskFor(Verb.CreateRepository, payload, StartMode.StartIfAbsent)!;
        if (reply.ExitCode != 0)
        {
            terminal.WriteError(reply.Stderr);
            throw new DaemonError();
        }
    }

    /// <exception cref="DaemonError">The daemon said no, and why.</exception>
    public string Delete(string name, bool force) =>
        Ask(Verb.DeleteRepository, JsonSerializer.SerializeToUtf8Bytes(new(organization, name, host, force), RepositoryJson.Default.DeleteRequest));

    private string Ask(Verb verb, byte[] payload) => TextSanitizer.Line(Encoding.UTF8.GetString(terminal.Answer(daemon, verb, payload)).Trim());
}
