using Ark.Cli.Credentials;
using Ark.Cli.Docker;
using Ark.Cli.Files;
using Ark.Cli.Output;
using Ark.Cli.Queries;
using Ark.Client;
using Ark.Messages;
using Ark.Wire;

namespace Ark.Cli.Doctor;

/// <summary>What checks look at. What several of them need is asked for once, and again only in a new examination.</summary>
/// <param name="environment">The user's environment.</param>
/// <param name="daemon">The daemon of this user.</param>
/// <param name="daemonAs">The same, asked as one organization whatever the environment says.</param>
/// <param name="clock">This machine's clock.</param>
/// <param name="request">What the user wants to know.</param>
internal sealed class Examination(
    Func<string, string?> environment, IDaemon daemon, Func<string, IDaemon> daemonAs, TimeProvider clock, DoctorRequest request)
{
    // What the daemon says on standard error is part of what a check finds, or of no interest.
    private static readonly Terminal Nowhere = new(Stream.Null, Stream.Null, static () => null);

    private readonly Lazy<Reply?> _status = new(() => new DaemonQueries(daemon, Nowhere).Ask(Verb.Status));

    public UserPaths Paths { get; } = new(environment);

    public DaemonQueries Queries { get; } = new(daemon, Nowhere);

    public Func<string, string?> Environment => environment;

    public TimeProvider Clock => clock;

    /// <summary>A registry host or an image, or null.</summary>
    public string? Target => request.Target;

    /// <summary>Whether neither AWS nor a registry is to be asked.</summary>
    public bool IsOffline => request.Offline;

    public bool DaemonAnswers
    {
        get
        {
            try
            {
                return _status.Value is not null;
            }
            catch (UserError)
            {
                return false;
            }
        }
    }

    /// <summary>The daemon's first answer, with what the client had to say about it.</summary>
    /// <exception cref="UserError">It could not be asked.</exception>
    public Reply FirstAnswer => _status.Value!;

    /// <summary>The daemon and its tokens as they are now; null where no daemon answers.</summary>
    public StatusReport? Status => DaemonAnswers ? Try(() => DaemonQueries.ReadStatus(Queries.Take(Queries.Ask(Verb.Status)))) : null;

    /// <summary>The configuration as the daemon understands it; null where it is not valid or there is no daemon.</summary>
    public OrganizationsReport? Configuration => field ??= DaemonAnswers ? Try(Queries.Organizations) : null;

    /// <summary>docker's file; an empty one where there is none.</summary>
    /// <exception cref="UserError">It cannot be understood.</exception>
    public DockerConfig DockerConfig => DockerConfig.Parse(SafeFile.Read(Paths.DockerConfig) ?? [], Paths.DockerConfig);

    /// <summary>The registries that matter here: the one that was named, else those that docker asks ark for.</summary>
    public IReadOnlyList<string> Hosts
    {
        get
        {
            if (Target is { } target)
            {
                return [RegistryHost.Parse(target)];
            }

            try
            {
                return
                [
                    .. from entry in DockerConfig.AllHelpers
                       where entry.Helper is { } helper && SetupPlan.IsOurs(helper)
                       select entry.Host,
                ];
            }
            catch (UserError)
            {
                return [];
            }
        }
    }

    /// <summary>Questions that are asked as one organization.</summary>
    public DaemonQueries As(string organization) => new(daemonAs(organization), Nowhere);

    /// <summary>Another program's output, or null where it is not there or does not say in time.</summary>
    public ToolOutput? Run(string program, params string[] arguments) =>
        Paths.FindProgram(program) is { } path ? ToolOutput.Of(path, arguments, environment) : null;

    private static T? Try<T>(Func<T> ask)
        where T : class
    {
        try
        {
            return ask();
        }
        catch (Exception e) when (e is UserError or DaemonError)
        {
            return null;
        }
    }
}

/// <summary>What the user wants to know.</summary>
/// <param name="Target">A registry host or an image, or null for everything in general.</param>
/// <param name="Offline">Whether neither AWS nor a registry is to be asked.</param>
internal sealed record DoctorRequest(string? Target, bool Offline);
