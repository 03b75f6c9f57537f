using System.Security.Cryptography;
using System.Text;
using Ark.Client;
using Ark.Wire;

namespace Ark.Helper;

/// <summary>
/// The docker credential-helper protocol: one verb as the argument, its data on standard input, the answer on standard output.
/// It relays and does not think; whatever is clever belongs to the daemon, where it is paid for once.
/// </summary>
internal sealed class CredentialHelper(Func<Input> readInput, IDaemon daemon)
{
    private const string Name = "docker-credential-ark";

    public const string Usage = $"Usage: {Name} <store|get|erase|list|version>";

    public const string Help = $"""
        {Usage}

        Speaks the docker credential-helper protocol for Amazon ECR: docker, podman, skopeo, helm and
        others run it; people use the command `ark`.

          get       the registry on standard input, credentials as JSON on standard output
          store     nothing is kept for ECR; handed on where the configuration names another store
          erase     drops what is cached for the registry on standard input, and hands on likewise
          list      the registries that ark serves, as JSON
          version   name and version

        To let docker use it for a registry: ark setup --host 123456789012.dkr.ecr.eu-west-1.amazonaws.com
        """;

    /// <summary>
    /// The organization that a link or copy of this program is named after: <c>docker-credential-ark-acme</c> lets docker's
    /// <c>credHelpers</c> choose acme. Null for the plain name.
    /// </summary>
    public static string? OrganizationOf(string program)
    {
        ReadOnlySpan<char> name = Path.GetFileName(program.AsSpan());
        if (OperatingSystem.IsWindows() && name.EndsWith(".exe", StringComparison.OrdinalIgnoreCase))
        {
            name = name[..^4];
        }

        return name.StartsWith($"{Name}-", StringComparison.Ordinal) && name.Length > Name.Length + 1
            ? name[(Name.Length + 1)..].ToString()
            : null;
    }

    public Output Run(string[] args) => args switch
    {
        ["get"] => Relay(Verb.Get),
        ["store"] => Relay(Verb.Store),
        ["erase"] => Erase(),
        ["list"] => List(),
        ["version"] or ["--version"] or ["-v"] => Output.Text(0, $"{Name} (ark) {Build.Current}"),
        ["--help"] or ["-h"] => Output.Text(0, Help),
        [var unknown] when IsPrintable(unknown) => Output.Text(1, $"{Name}: unknown action: {unknown}\n{Usage}"),
        _ => Output.Text(1, Usage),
    };

    private Output Relay(Verb verb) => readInput() switch
    {
        Input.Read(var bytes) => Ask(verb, bytes, StartMode.StartIfAbsent) switch
        {
            AskResult.Answered { Reply: var reply } => new Output(reply.ExitCode, reply.Stdout, reply.Stderr),
            AskResult.Failed failed => Output.Failure(failed.Message, failed.Hint),
            _ => Output.Failure("the daemon could not be started", "see why with: ark daemon run"),
        },
        Input.TooLong => Output.Failure(
            $"standard input is longer than {Input.Limit / 1024} KiB", "send one registry, or docker's JSON for one"),
        Input.NotEnded => Output.Failure(
            "standard input was not closed within 5 seconds",
            "send the registry and close the stream, as in: printf %s HOST | docker-credential-ark get"),
        Input.Unusable => Output.Failure(
            "standard input is closed, a directory or a terminal",
            "send the registry through a pipe, as in: printf %s HOST | docker-credential-ark get"),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>
    /// Silent success where nobody can be asked: a failing erase keeps docker from removing its own entry and makes some versions of
    /// podman and skopeo crash. A daemon is started, since it alone knows whether the registry is one that another helper keeps.
    /// </summary>
    private Output Erase() =>
        readInput() is Input.Read(var bytes) && Ask(Verb.Erase, bytes, StartMode.StartIfAbsent) is AskResult.Answered { Reply: var reply }
            ? new Output(reply.ExitCode, reply.Stdout, reply.Stderr)
            : Output.Silence;

    /// <summary>
    /// Standard input is not read: some clients leave it open for ever. A failure is an empty list, since an error here stops
    /// docker's classic builder and podman altogether.
    /// </summary>
    private Output List() => daemon.Ask(Verb.List, [], StartMode.StartIfAbsent) switch
    {
        AskResult.Answered { Reply: { ExitCode: 0 } reply } => new Output(0, reply.Stdout, reply.Stderr),
        AskResult.Answered { Reply: var reply } => Output.Text(0, "{}") with { Stderr = reply.Stderr },
        AskResult.Failed failed => Output.Text(0, "{}") with { Stderr = Output.Failure(failed.Message, failed.Hint).Stderr },
        _ => Output.Text(0, "{}"),
    };

    private AskResult Ask(Verb verb, Memory<byte> input, StartMode start)
    {
        AskResult result = daemon.Ask(verb, input.Span, start);
        CryptographicOperations.ZeroMemory(input.Span);
        return result;
    }

    /// <summary>What may be echoed to a terminal: short and plain.</summary>
    private static bool IsPrintable(string text) => text.Length is > 0 and <= 32 && !text.AsSpan().ContainsAnyExceptInRange('!', '~');
}

/// <summary>What the process prints and how it exits.</summary>
internal sealed record Output(int ExitCode, byte[] Stdout, byte[] Stderr)
{
    /// <summary>Nothing to say, all is well.</summary>
    public static Output Silence { get; } = new(0, [], []);

    public static Output Text(int exitCode, string stdout) => new(exitCode, Encoding.UTF8.GetBytes(stdout + "\n"), []);

    /// <summary>
    /// A true error, as opposed to "not found". The sentence goes to standard output, where most clients look for it, and with the
    /// hint to standard error, the only stream that docker pull and push show.
    /// </summary>
    public static Output Failure(string message, string hint) => new(
        1,
        Encoding.UTF8.GetBytes($"{message}\n"),
        Encoding.UTF8.GetBytes($"ark: error: {message}\nark: hint: {hint}\n"));
}
