using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Ark.Cli.Credentials;
using Ark.Cli.Output;
using Ark.Client;
using Ark.Messages;
using Ark.Wire;

namespace Ark.Cli.Queries;

/// <summary>
/// What commands ask the daemon, and how they take its answers. What it notes goes to standard error at once; where it refuses, its words
/// go there and a <see cref="DaemonError"/> ends the command.
/// </summary>
internal sealed class DaemonQueries(IDaemon daemon, Terminal terminal)
{
    private const string ErrorMark = "ark: error: ";
    private const string HintMark = "ark: hint: ";
    private const string CodeMark = "ark: code: ";

    private static readonly ProblemEntry Unexplained = new(null, "the daemon gave no reason", "see: ark daemon run");

    /// <summary>The reply of the daemon, which is started if it is not running.</summary>
    /// <exception cref="UserError">The daemon could not be asked.</exception>
    public Reply Ask(Verb verb, string payload = "") => Send(verb, payload, StartMode.StartIfAbsent)
        ?? throw new UserError("the daemon could not be started", "see: ark daemon run");

    /// <summary>The reply of the daemon, or null when none is running.</summary>
    /// <exception cref="UserError">The daemon could not be asked.</exception>
    public Reply? AskIfRunning(Verb verb, string payload = "") => Send(verb, payload, StartMode.OnlyIfRunning);

    /// <summary>What the daemon answers, where it does not refuse.</summary>
    public byte[] Answer(Verb verb, string payload = "")
    {
        Reply reply = Ask(verb, payload);
        return Take(reply);
    }

    /// <summary>What a reply holds, where the daemon does not refuse.</summary>
    public byte[] Take(Reply reply)
    {
        terminal.WriteErrorLines(reply.Stderr);
        return reply.ExitCode == 0 ? reply.Stdout : throw new DaemonError(ReasonOf(reply) ?? Unexplained);
    }

    /// <summary>Prints a reply for people, each error once; returns its exit code.</summary>
    public int Print(Reply reply)
    {
        if (reply.ExitCode == 0)
        {
            terminal.WriteLines(reply.Stdout);
        }
        else
        {
            terminal.WriteLines(WithoutErrors(reply));
        }

        terminal.WriteErrorLines(reply.Stderr);
        return reply.ExitCode == 0 ? 0 : 1;
    }

    /// <summary>The same for a reply that only confirms what was done.</summary>
    public int Confirm(Reply reply) => Print(terminal.IsQuiet && reply.ExitCode == 0 ? reply with { Stdout = [] } : reply);

    /// <summary>The lines of a failed reply that are no repetition of its error.</summary>
    public static string[] Findings(Reply reply) =>
        WithoutErrors(reply).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Asks a running daemon to stop; true when it did or none was running.</summary>
    public bool Shutdown() => daemon.Shutdown();

    public static StatusReport ReadStatus(ReadOnlySpan<byte> json) => Read(json, MessagesJson.Default.StatusReport, "status");

    public static OrganizationsReport ReadOrganizations(byte[] json) =>
        Read(json, MessagesJson.Default.OrganizationsReport, "organizations");

    public OrganizationsReport Organizations() => ReadOrganizations(Answer(Verb.Organizations));

    /// <summary>Where the configuration is or is to be, whatever is in it.</summary>
    public string ConfigurationPath()
    {
        ConfigurationPlace place = Read(Answer(Verb.Organizations, "file"), MessagesJson.Default.ConfigurationPlace, "organizations");
        return OrganizationLookup.PathOf(place.File);
    }

    /// <summary>The password for a registry and a line end, in bytes that are printed and forgotten.</summary>
    /// <param name="registry">A registry host, or an image on it.</param>
    /// <exception cref="UserError">ark does not serve it.</exception>
    public byte[] Password(string registry)
    {
        Reply reply = Ask(Verb.Token, registry);
        if (reply.ExitCode != 0 && ReasonOf(reply) is null)
        {
            // "Not found" is said for several reasons, as to clients of a helper; a description tells them apart.
            return Encoding.UTF8.GetBytes($"{Login(registry).Secret}\n");
        }

        return Take(reply, registry);
    }

    /// <summary>User name, password and expiry.</summary>
    /// <inheritdoc cref="Password"/>
    public RegistryLogin Login(string registry)
    {
        ImageDescription image = Describe(registry);
        return RegistryLogin.Of(image) ?? throw (image.Organization is { } organization
            ? new UserError($"organization {organization} has no credentials for {registry} yet", $"docker login {image.Host}")
            : NotServed(registry));
    }

    /// <summary>The reference in its parts, and the credentials if ark has any: an image that ark does not serve has parts too.</summary>
    /// <exception cref="UserError">It is no reference.</exception>
    public ImageDescription Describe(string image) =>
        Read(Take(Ask(Verb.Describe, image), image), MessagesJson.Default.ImageDescription, "credentials");

    /// <summary>The URL of one repository, after what the verb does to it.</summary>
    public string Repository(Verb verb, RepositoryRequest request) => Encoding.UTF8.GetString(Answer(verb, Payload(request))).Trim();

    /// <summary>Creates a repository and prints nothing, whether it exists already or not.</summary>
    public void EnsureRepository(RepositoryRequest request)
    {
        Reply reply = Ask(Verb.CreateRepository, Payload(request with { IfNotExists = true }));
        if (reply.ExitCode != 0)
        {
            Take(reply);
        }
    }

    /// <summary>A page of a list of repositories.</summary>
    /// <exception cref="UserError">There is none, for this reason.</exception>
    public RepositoryPage RepositoryPage(RepositoryRequest request)
    {
        Reply reply = Ask(Verb.ListRepositories, Payload(request));
        if (reply.ExitCode == 0)
        {
            return Read(reply.Stdout, MessagesJson.Default.RepositoryPage, "list of repositories");
        }

        ProblemEntry problem = ReasonOf(reply) ?? Unexplained;
        throw new UserError(problem.Message, problem.Hint!, problem.Code);
    }

    /// <summary>Who answers for a host or an image, and why.</summary>
    public RegistryExplanation Explain(string registry, string? organization = null) => Read(
        Answer(Verb.Explain, JsonSerializer.Serialize(new ExplainRequest(registry, organization), MessagesJson.Default.ExplainRequest)),
        MessagesJson.Default.RegistryExplanation,
        "explanation");

    /// <summary>Whose login is meant.</summary>
    public LoginTargets LoginTargets(LoginRequest request) =>
        Read(Answer(Verb.Login, Payload(request)), MessagesJson.Default.LoginTargets, "list of profiles");

    /// <summary>The next step of a login.</summary>
    public LoginStep Login(LoginRequest request) =>
        Read(Answer(Verb.Login, Payload(request)), MessagesJson.Default.LoginStep, "step of a login");

    private static string Payload(LoginRequest request) => JsonSerializer.Serialize(request, MessagesJson.Default.LoginRequest);

    private static string Payload(RepositoryRequest request) => JsonSerializer.Serialize(request, MessagesJson.Default.RepositoryRequest);

    private static T Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type, string what)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            // The serializer's own message may quote what it stumbled over.
            throw new UserError($"the daemon's {what} cannot be read", "restart it with: ark daemon restart");
        }
    }

    private Reply? Send(Verb verb, string payload, StartMode start) => daemon.Ask(verb, Encoding.UTF8.GetBytes(payload), start) switch
    {
        AskResult.Answered answered => answered.Reply,
        AskResult.Failed failed => throw new UserError(failed.Message, failed.Hint),
        AskResult.Absent => null,
        _ => throw new UnreachableException(),
    };

    private byte[] Take(Reply reply, string registry)
    {
        if (reply.ExitCode != 0 && ReasonOf(reply) is null)
        {
            terminal.WriteErrorLines(reply.Stderr);
            throw NotServed(registry);
        }

        return Take(reply);
    }

    private static UserError NotServed(string registry) => new(
        $"{registry} is not a registry that ark serves", "name an ECR registry, or add this one to the configuration");

    /// <summary>What a failed reply says is wrong and what to do about it; null where it gives no reason.</summary>
    private static ProblemEntry? ReasonOf(Reply reply)
    {
        string[] lines = Encoding.UTF8.GetString(reply.Stderr).Split('\n');
        return After(lines, ErrorMark) is { } message
            ? new ProblemEntry(After(lines, CodeMark), message, After(lines, HintMark) ?? "see: ark status")
            : null;
    }

    private static string? After(string[] lines, string mark) =>
        Array.Find(lines, line => line.StartsWith(mark, StringComparison.Ordinal)) is { } line ? line[mark.Length..] : null;

    /// <summary>Most clients of a credential helper show its output alone, so the daemon says every error there as well.</summary>
    private static string WithoutErrors(Reply reply)
    {
        HashSet<string> errors =
        [
            .. from line in Encoding.UTF8.GetString(reply.Stderr).Split('\n')
               where line.StartsWith(ErrorMark, StringComparison.Ordinal)
               select line[ErrorMark.Length..],
        ];
        string[] lines = Encoding.UTF8.GetString(reply.Stdout).Split('\n');
        return string.Join('\n', lines.Where(line => line.Length == 0 || !errors.Contains(line)));
    }
}

/// <summary>The organizations of the configuration, as commands look for them.</summary>
internal static class OrganizationLookup
{
    /// <summary>The organization to use where several match and nothing else chooses; null when nothing does.</summary>
    public static string? Chosen(this OrganizationsReport report) => report.Using ?? report.DefaultOrganization;

    /// <summary>Where the configuration is or is to be.</summary>
    /// <exception cref="UserError">There is no such place.</exception>
    public static string Path(this OrganizationsReport report) => PathOf(report.File);

    /// <summary>The organization of this name or id.</summary>
    /// <exception cref="UserError">There is none.</exception>
    public static OrganizationEntry Find(this OrganizationsReport report, string nameOrId) =>
        report.Organizations.FirstOrDefault(each => each.IsCalled(nameOrId))
            ?? throw new UserError($"no organization \"{nameOrId}\" in {report.File ?? "the configuration"}", "see: ark org list");

    /// <summary>What the column <c>Organization</c> shows: the id, which is a GUID, or the name where there is none.</summary>
    public static string Label(this OrganizationEntry organization) => organization.Id ?? organization.Name;

    /// <summary>True for its name, and for its id in whichever case it was typed.</summary>
    public static bool IsCalled(this OrganizationEntry organization, string nameOrId) =>
        organization.Name == nameOrId || string.Equals(organization.Id, nameOrId, StringComparison.OrdinalIgnoreCase);

    /// <summary>False where there are only patterns, which stand for registries that nobody knows before an image is asked for.</summary>
    public static bool HasHost(this RegistryEntry registry) =>
        registry.Hosts.Any(host => !host.Contains('*', StringComparison.Ordinal));

    /// <exception cref="UserError">It is no such place.</exception>
    internal static string PathOf(string? file) => file is { Length: > 0 } && System.IO.Path.IsPathFullyQualified(file)
        ? file
        : throw new UserError("cannot determine the configuration path", "set HOME, or set ARK_CONFIG to its absolute path");
}
