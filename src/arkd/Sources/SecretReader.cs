using System.Diagnostics;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Secrets;
using Ark.Core.Sources;
using Ark.Wire;

namespace Ark.Daemon.Sources;

/// <summary>Reads secrets for sources of every kind.</summary>
internal sealed class SecretReader(DockerHelper helpers, CommandProgram commands, string? ownHome, TimeProvider time) : ISecretReader
{
    public Task<Outcome<ReadSecret>> ReadAsync(SecretReference reference, CallerIdentity caller, CancellationToken cancellationToken) =>
        ReadAsync(reference, CallerPlace.Of(caller, ownHome), cancellationToken);

    public async Task<Outcome<ReadSecret>> ReadAsync(SecretReference reference, CallerPlace place, CancellationToken cancellationToken) => reference switch
    {
        SecretReference.File(var path) => Absolute(path, place) is { } file ? SecretFile.Read(file, time.GetUtcNow()) : NoHome(path),
        SecretReference.Helper(var program, var server) => (await helpers.GetAsync(program, server, place, cancellationToken)) switch
        {
            // A host whose credentials the configuration promises is not one that nobody knows.
            var outcome when !outcome.Succeeded(out _, out Problem? problem) && problem.Kind == ProblemKind.NotStored => problem with
            {
                Kind = ProblemKind.NoCredentials,
                Message = $"{TextSanitizer.Name(DockerHelper.ProgramOf(program))} keeps nothing under {TextSanitizer.Name(server)}",
                Hint = $"store the secret there under {TextSanitizer.Name(server)}",
            },
            var outcome => outcome,
        },
        SecretReference.Command(var arguments) => await RunAsync(arguments, place, cancellationToken),
        _ => throw new UnreachableException(),
    };

    public string StampOf(SecretReference reference, CallerIdentity caller) => StampOf(reference, CallerPlace.Of(caller, ownHome));

    /// <summary>What changes with the secret as far as it can be seen without reading it.</summary>
    public static string StampOf(SecretReference reference, CallerPlace place) =>
        reference is SecretReference.File(var path) && Absolute(path, place) is { } file ? SecretFile.Stamp(file) : "";

    private async Task<Outcome<ReadSecret>> RunAsync(ValueList<string> arguments, CallerPlace place, CancellationToken cancellationToken) =>
        (await commands.RunAsync(arguments, place, cancellationToken)).Succeeded(out PrintedSecret? printed, out Problem? problem)
            ? new ReadSecret(printed.Username, printed.Secret)
            : problem;

    private static string? Absolute(string path, CallerPlace place) =>
        !path.StartsWith("~/", StringComparison.Ordinal) ? path
        : place.Home is { } home ? Path.Combine(home, path[2..])
        : null;

    private static Problem NoHome(string path) => new(
        ProblemKind.BadSetting, $"there is no home directory in which {TextSanitizer.Name(path)} could be", "write the whole path into the configuration");
}
