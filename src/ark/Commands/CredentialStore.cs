using System.Text.Json;
using Ark.Cli.Docker;
using Ark.Cli.Doctor;
using Ark.Cli.Files;
using Ark.Cli.Output;

namespace Ark.Cli.Commands;

/// <summary>The store that docker keeps logins in, by its helper; it is asked nothing but which logins it has.</summary>
/// <param name="name">The <c>credsStore</c>, or null where docker has none.</param>
/// <param name="paths">Where programs are.</param>
internal sealed class CredentialStore(string? name, UserPaths paths)
{
    /// <summary>A keychain may have to be unlocked by a person.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lazy<ToolOutput?> _listed = new(() =>
        name is not null && name != SetupPlan.Helper && paths.FindProgram($"docker-credential-{name}") is { } program
            ? ToolOutput.Of(program, ["list"], paths.Set, Patience)
            : null);

    /// <summary>Its helper as this user's PATH has it.</summary>
    public string? Program => name is null ? null : paths.FindProgram($"docker-credential-{name}");

    /// <summary>The registries that it has a login for, by the names under which they are kept; none where it does not say.</summary>
    public IReadOnlyList<string> Logins
    {
        get
        {
            try
            {
                using JsonDocument? listed = _listed.Value is { ExitCode: 0, Out: var said } ? JsonDocument.Parse(said) : null;
                return listed is { RootElement.ValueKind: JsonValueKind.Object }
                    ? [.. listed.RootElement.EnumerateObject().Select(static login => login.Name)]
                    : [];
            }
            catch (JsonException)
            {
                return [];
            }
        }
    }

    /// <summary>Asks for the list, which every later login depends on.</summary>
    /// <exception cref="UserError">The store is there and does not answer.</exception>
    public void Try()
    {
        if (Program is null || name == SetupPlan.Helper || _listed.Value is { ExitCode: 0 })
        {
            return;
        }

        string why = _listed.Value is { } output ? FirstLine($"{output.Out}\n{output.Error}") : "it does not answer within 30 seconds";
        throw new UserError(
            $"docker's store {name} does not list its logins: {why}",
            $"see what it says: docker-credential-{name} list; ark takes its place once that works");
    }

    private static string FirstLine(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault()
            ?? "it ends without a word";
}
