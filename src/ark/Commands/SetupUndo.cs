using Ark.Cli.Docker;
using Ark.Cli.Output;

namespace Ark.Cli.Commands;

/// <summary><c>ark setup --undo</c>: the exact original if nobody else wrote the file since, else only what is ours goes.</summary>
internal sealed class SetupUndo(Terminal terminal, DockerConfigFile file)
{
    public int Run(bool dryRun)
    {
        if (file.Edited is not { } edited)
        {
            terminal.WriteLine($"nothing to undo: setup did not change {file.Path}");
        }
        else
        {
            var current = file.Read();
            var original = SetupPlan.OriginalOf(current, edited, file.ReadBackup(), file.Path);
            var outcome = Describe(current, original is null, edited.Wrote(current ?? []));
            var beside = Beside(file);
            if (dryRun)
            {
                beside.ForEach(line => terminal.WriteLine($"would: {line}"));
                terminal.WriteLine($"would leave {file.Path} {outcome}; nothing was written");
                return 0;
            }

            file.Restore(original?.Bytes);
            terminal.WriteLine($"{file.Path} is {outcome}");
            beside.ForEach(terminal.WriteLine);
        }

        foreach (var other in file.OthersEdited)
        {
            terminal.WriteLine($"also set up: {other}; undo it with DOCKER_CONFIG={Path.GetDirectoryName(other)} ark setup --undo");
        }

        return 0;
    }

    /// <summary>What else goes with it, as sentences that are true afterwards.</summary>
    private static List<string> Beside(DockerConfigFile file) =>
    [
        .. file.OwnConfiguration is { } configuration ? [$"{configuration.Path} is {(new FallbackHelperEdit(configuration.Path).Original(configuration) is null ? "removed" : "without its fallbackHelper")}"] : Array.Empty<string>(),
        .. file.OwnLinks.Select(link => $"{link.Path} is removed"),
    ];

    private static string Describe(byte[]? current, bool removes, bool untouched) => (current, removes, untouched) switch
    {
        (null, _, _) => "absent, as somebody removed it",
        (_, true, _) => "removed, as there was none before setup",
        (_, false, true) => "as it was before setup",
        (_, false, false) => "without ark; what others wrote since stays",
    };
}
