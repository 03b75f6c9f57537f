using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ark.Cli.Credentials;
using Ark.Cli.Help;
using Ark.Cli.Output;
using Ark.Cli.Queries;
using Ark.Wire;

namespace Ark.Cli.Commands;

/// <summary><c>ark token</c> prints the password alone, for a pipe; <c>ark refresh</c> fetches new tokens now.</summary>
internal sealed class TokenCommand(DaemonQueries queries, Terminal terminal, TimeProvider clock)
{
    public Command ToCommand()
    {
        var registry = new Argument<string>("registry") { Description = "a registry host, or an image on it" };
        Option<bool> json = Options.Flag("--json", "print user name, password and expiry as JSON, for programs");
        Option<bool> verbose = Options.Flag("--verbose", "print the expiry on standard error, as always at a terminal", "-v");
        var command = new CommandWithExamples("token", "print the password for a registry", """
            Examples:
              ark token 123456789012.dkr.ecr.us-east-1.amazonaws.com
              ark token HOST | helm registry login --username AWS --password-stdin HOST
              ark token HOST --json | jq .expiresInSeconds

            The user name for ECR is always AWS. The password is valid for hours: keep it out of files and logs.
            """) { registry, json, verbose };
        command.SetAction(parsed =>
            Print(parsed.GetRequiredValue(registry), parsed.GetValue(json), parsed.GetValue(verbose) || terminal.ErrorIsTerminal));
        return command;
    }

    public Command ToRefreshCommand()
    {
        Argument<string?> host = Options.Optional("host", "a registry host (default: every cached host)");
        var command = new CommandWithExamples("refresh", "fetch new tokens now", """
            Examples:
              ark refresh
              ark refresh 123456789012.dkr.ecr.us-east-1.amazonaws.com

            Seldom needed: tokens are refreshed long before they expire. Useful after the permissions of a role have changed.
            """) { host };
        command.SetAction(parsed => Refresh(parsed.GetValue(host)));
        return command;
    }

    /// <summary>Without a password nothing goes to standard output: behind a pipe it would be taken for one.</summary>
    private int Print(string registry, bool json, bool printsExpiry)
    {
        if (json)
        {
            terminal.WriteResult(Json(queries.Login(registry)));
        }
        else if (printsExpiry)
        {
            RegistryLogin login = queries.Login(registry);
            terminal.WriteResult(login.Secret);
            terminal.Note($"the password {Lifetime.Expiry(login.ExpiresAt, clock.GetUtcNow())}");
        }
        else
        {
            terminal.WriteResult(queries.Password(registry));
        }

        return 0;
    }

    /// <summary>Without a host it is about what is cached, so no daemon is started for that.</summary>
    private int Refresh(string? host)
    {
        if ((host is null ? queries.AskIfRunning(Verb.Refresh) : queries.Ask(Verb.Refresh, host)) is { } reply)
        {
            return queries.Confirm(reply);
        }

        terminal.Say("no daemon is running, so there are no tokens to refresh");
        return 0;
    }

    private string Json(RegistryLogin login) => JsonSerializer.Serialize(
        new TokenReport(login.Username, login.Secret, login.ExpiresAt, (long?)(login.ExpiresAt - clock.GetUtcNow())?.TotalSeconds),
        TokenJson.Default.TokenReport);
}

/// <summary>The output of <c>ark token --json</c>, a contract; both last members are null for a password that does not expire.</summary>
internal sealed record TokenReport(string Username, string Secret, DateTimeOffset? ExpiresAt, long? ExpiresInSeconds);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(TokenReport))]
internal sealed partial class TokenJson : JsonSerializerContext;
