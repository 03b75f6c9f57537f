using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ark.Cli.Credentials;
using Ark.Cli.Output;
using Ark.Client;

namespace Ark.Cli.Commands;

/// <summary><c>ark token</c>: the password alone, for a pipe.</summary>
internal sealed class TokenCommand(IDaemon daemon, Terminal terminal, TimeProvider clock)
{
    private readonly CredentialQuestions _credentials = new(daemon, terminal);

    public Command ToCommand()
    {
        var registry = new Argument<string>("registry") { Description = "a registry host, or an image on it" };
        var json = new Option<bool>("--json") { Description = "print user name, password and lifetime as JSON, for programs" };
        var verbose = new Option<bool>("--verbose", "-v") { Description = "say on standard error how long it is good, as is done at a terminal anyway" };
        var command = new HelpExamples("token", "print the password for a registry, and nothing else", """
            Examples:
              ark token 123456789012.dkr.ecr.us-east-1.amazonaws.com
              ark token HOST | helm registry login --username AWS --password-stdin HOST
              ark token HOST --json | jq .expiresInSeconds

            The user name of every ECR token is AWS. The password is good for hours: keep it out of files and logs.
            """) { registry, json, verbose };
        command.SetAction(parsed => Print(parsed.GetRequiredValue(registry), parsed.GetValue(json), parsed.GetValue(verbose) || terminal.ErrorIsTerminal));
        return command;
    }

    /// <summary>Without a password nothing goes to standard output: behind a pipe it would be taken for one.</summary>
    private int Print(string registry, bool json, bool saysLifetime)
    {
        if (json)
        {
            terminal.WriteLine(Json(_credentials.Login(registry)));
        }
        else if (saysLifetime)
        {
            var found = _credentials.Login(registry);
            terminal.WriteLine(found.Secret);
            terminal.Note(ExpiryNote.For("the password", found.ExpiresAt, clock.GetUtcNow()));
        }
        else
        {
            terminal.Write(_credentials.Password(registry));
        }

        return 0;
    }

    private string Json(RegistryLogin found) => JsonSerializer.Serialize(
        new TokenReport(found.Username, found.Secret, found.ExpiresAt, (long?)(found.ExpiresAt - clock.GetUtcNow())?.TotalSeconds),
        TokenJson.Default.TokenReport);
}

/// <summary>The answer of <c>ark token --json</c>, which is a contract; both last members are null for a password that does not expire.</summary>
internal sealed record TokenReport(string Username, string Secret, DateTimeOffset? ExpiresAt, long? ExpiresInSeconds);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(TokenReport))]
internal sealed partial class TokenJson : JsonSerializerContext;
