using System.Diagnostics;
using System.Security.Cryptography;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Secrets;
using Ark.Core.Sources;
using Ark.Files;
using Ark.Wire;

namespace Ark.Daemon.Sources;

/// <summary>
/// Reads secrets for sources of every kind: from a file that nobody else can read or exchange, another helper, or a command.
/// </summary>
internal sealed class SecretReader(DockerHelper helpers, CommandProgram commands, CallerContexts callers, TimeProvider time) : ISecretReader
{
    public const int MaxLength = 64 * 1024;

    /// <summary>Where a secret is, for people.</summary>
    public static string NameOf(SecretReference secret) => TextSanitizer.Name(secret switch
    {
        SecretReference.File(var path) => path,
        SecretReference.Helper(var program, _) => DockerHelper.ProgramOf(program),
        SecretReference.Command(var arguments) => arguments[0],
        _ => throw new UnreachableException(),
    });

    /// <summary>All that the configuration says of a secret.</summary>
    public static IEnumerable<string> PartsOf(SecretReference secret) => secret switch
    {
        SecretReference.File(var path) => ["file", path],
        SecretReference.Helper(var program, var server) => ["helper", program, server],
        SecretReference.Command(var arguments) => ["command", .. arguments],
        _ => throw new UnreachableException(),
    };

    public Task<Outcome<Credential>> ReadAsync(SecretReference reference, CallerIdentity caller, CancellationToken cancellationToken) =>
        ReadAsync(reference, callers.Of(caller), cancellationToken);

    public async Task<Outcome<Credential>> ReadAsync(
        SecretReference reference, CallerContext context, CancellationToken cancellationToken) => reference switch
        {
            SecretReference.File(var path) => context.Absolute(path) is { } file ? ReadFile(file) : NoHome(path),
            SecretReference.Helper(var program, var server) => (await helpers.GetAsync(program, server, context, cancellationToken)) switch
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
            SecretReference.Command(var arguments) => await commands.RunAsync(arguments, context, cancellationToken),
            _ => throw new UnreachableException(),
        };

    public string StampOf(SecretReference reference, CallerIdentity caller) => StampOf(reference, callers.Of(caller));

    /// <summary>
    /// What changes with the secret as far as it can be seen without reading it: when the file is edited, exchanged or opened to others, or
    /// its directory is; a dash while it cannot be looked at.
    /// </summary>
    public static string StampOf(SecretReference reference, CallerContext context)
    {
        if (reference is not SecretReference.File(var path) || context.Absolute(path) is not { } file)
        {
            return "";
        }

        try
        {
            return FileStamp.Of(file) is { } stamp && FileStamp.Of(Path.GetDirectoryName(file)!) is { } directory
                ? $"{stamp} {directory.Owner}:{directory.Mode}"
                : "-";
        }
        catch (IOException)
        {
            return "-";
        }
    }

    private Outcome<Credential> ReadFile(string path)
    {
        try
        {
            using TrustedFile? file = TrustedFile.Open(path);
            return file switch
            {
                null => Bad(path, "does not exist", $"create it with: install -m 600 /dev/null {path}"),
                { IsOrdinary: false } => Bad(path, "is not an ordinary file", "put the secret into an ordinary file"),
                { Fault: { } fault } when fault.IsForeign || fault.Path != file.Target => Bad(
                    path, $"is not safe: {fault.Message}", fault.Repair),
                { IsPrivate: false } => Bad(
                    path,
                    $"can be read by others (mode {Convert.ToString(file.Stamp.Mode & 0xFFF, 8)})",
                    $"close it with: chmod 600 {path}"),
                _ => Read(path, file),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Bad(path, $"cannot be read: {e.GetType().Name}", $"look at it with: ls -lL {path}");
        }
    }

    private Outcome<Credential> Read(string path, TrustedFile file)
    {
        byte[] text = file.Read(MaxLength + 1);
        try
        {
            return text.Length > MaxLength ? Bad(path, "is longer than 64 KiB", "put the secret alone into it") : Parse(path, text);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    /// <summary>
    /// JSON without a member called secret is a secret itself. Other JSON with a mistake in it is none, and would only be sent to the
    /// registry with all that stands around the secret.
    /// </summary>
    private Outcome<Credential> Parse(string path, ReadOnlySpan<byte> text)
    {
        Credential? kept = CredentialText.IsJson(text) && !CredentialText.IsKeyFile(text)
            ? CredentialText.OfJson(text, time.GetUtcNow())
            : CredentialText.OfText(text);
        if (kept is { HasControls: true })
        {
            kept.Dispose();
            return Bad(path, "holds control characters", "write the secret into it anew, as text");
        }

        return kept is { Secret.IsEmpty: false }
            ? kept
            : Bad(path, "holds no secret that can be read", "put the secret alone into it, or JSON with username and secret");
    }

    private static Problem Bad(string path, string what, string hint) =>
        new(ProblemKind.BadSetting, $"the secret's file {path} {what}", hint);

    private static Problem NoHome(string path) => new(
        ProblemKind.BadSetting,
        $"there is no home directory in which {TextSanitizer.Name(path)} could be",
        "write the whole path into the configuration");
}
