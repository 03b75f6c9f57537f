using Ark.Cli.Output;
using Ark.Messages;

namespace Ark.Cli.Doctor;

/// <summary>How a check ended.</summary>
internal enum Verdict
{
    Ok,

    /// <summary>It works, and something about it will surprise.</summary>
    Warn,

    Fail,

    /// <summary>It could not be looked at, or does not concern this machine.</summary>
    Skip,
}

/// <summary>What a check found.</summary>
/// <param name="Verdict">How it stands.</param>
/// <param name="Message">One sentence, lower case, no full stop, no secret.</param>
/// <param name="Repair">The command that repairs it, or what to do where no command does.</param>
/// <param name="Code">The code of the problem, where it comes from the daemon.</param>
internal sealed record Finding(Verdict Verdict, string Message, string? Repair = null, string? Code = null)
{
    /// <summary>Repairs it for <c>--fix</c> and says what was done; null where only a person can.</summary>
    public Func<string>? Fix { get; init; }

    public static Finding Ok(string message) => new(Verdict.Ok, message);

    public static Finding Skip(string message) => new(Verdict.Skip, message);

    public static Finding Warn(string message, string repair) => new(Verdict.Warn, message, repair);

    public static Finding Fail(string message, string repair) => new(Verdict.Fail, message, repair);

    /// <summary>What the daemon or a command says of it. Hints that name a command to look with begin with "see:".</summary>
    public static Finding Of(ProblemEntry problem) => new(
        Verdict.Fail,
        problem.Message,
        problem.Hint is ['s', 'e', 'e', ':', ' ', .. var command] ? command : problem.Hint,
        problem.Code);
}

/// <summary>Something that is looked at.</summary>
/// <param name="Name">Its name, which stays: scripts and <c>src/docs/doctor.md</c> use it.</param>
/// <param name="Look">Looks at it.</param>
internal sealed record Check(string Name, Func<Examination, IEnumerable<Finding>> Look)
{
    /// <summary>Whether there is nothing to look at while no daemon answers.</summary>
    public bool NeedsDaemon { get; init; }

    /// <summary>Every check, in the order in which one thing depends on another.</summary>
    public static IReadOnlyList<Check> All { get; } =
    [
        .. ProgramChecks.All,
        .. DaemonChecks.All,
        .. RegistryChecks.All,
        .. ClientChecks.All,
        ImageCheck.Check,

        // Last, since what came before may have asked AWS, whose answers tell the time.
        DaemonChecks.Clock,
    ];

    /// <summary>What it finds. Whatever keeps it from looking is a finding too, so that no check keeps another from being made.</summary>
    public IReadOnlyList<Finding> Run(Examination examination)
    {
        if (NeedsDaemon && !examination.DaemonAnswers)
        {
            return [Finding.Skip("the daemon does not answer")];
        }

        try
        {
            return [.. Look(examination)];
        }
        catch (UserError e)
        {
            return [Finding.Of(e.Problem)];
        }
        catch (DaemonError e)
        {
            return [Finding.Of(e.Problem)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [Finding.Fail(e.Message.TrimEnd('.'), "make that file or directory readable for yourself")];
        }
    }
}

/// <summary>What one check found.</summary>
internal sealed record Result(string Check, IReadOnlyList<Finding> Findings);
