using System.CommandLine;
using Ark.Cli.Files;
using Ark.Cli.Help;
using Ark.Cli.Output;
using Ark.Cli.Queries;
using Ark.Wire;

namespace Ark.Cli.Commands;

/// <summary><c>ark init</c>: a first configuration from the AWS profiles that are there, shown before it is written.</summary>
internal sealed class InitCommand(DaemonQueries queries, Terminal terminal, TimeProvider clock, UserPaths paths)
{
    private readonly Option<bool> _yes = Options.Flag("--yes", "write without asking", "-y");
    private readonly Option<bool> _force = Options.Flag("--force", "replace an existing configuration; a copy of it is kept");
    private readonly Option<string?> _file = Options.Text("--file", "FILE", "write to this file instead of the configuration in use");

    public Command ToCommand()
    {
        var command = new CommandWithExamples("init", "propose a configuration from your AWS profiles and write it", """
            Examples:
              ark init
              ark init --file ./configuration.json
              ark init --yes --force

            The configuration says which organization serves which registry; it never holds a secret. ark.schema.json is written
            beside it, so that editors complete and check it. The ECR registries of one AWS profile need no configuration.
            """) { _yes, _force, _file };
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult options)
    {
        paths.RefuseAnotherUsers();
        string path = options.GetValue(_file) is { Length: > 0 } given ? Path.GetFullPath(given) : queries.ConfigurationPath();
        var draft = new ConfigurationDraft(path);
        if (draft.Exists && !options.GetValue(_force))
        {
            throw new UserError($"{path} exists already", "edit it, or add --force to replace it; a copy of it is kept");
        }

        byte[] proposal = queries.Answer(Verb.Propose);
        terminal.WriteLines(proposal);
        if (!options.GetValue(_yes) && !MayWrite(path))
        {
            terminal.WriteLine("nothing was written");
            return 1;
        }

        string? backup = draft.Write(proposal, clock.GetUtcNow());
        terminal.Say(backup is null ? $"wrote {path}" : $"wrote {path}; the previous file is kept as {backup}");
        if (options.GetValue(_file) is not { Length: > 0 })
        {
            terminal.Say("next: ark setup");
        }

        return 0;
    }

    private bool MayWrite(string path) => terminal.CanAsk
        ? terminal.Ask($"write this to {path}?")
        : throw new UserError("refusing to write without confirmation", "add --yes");
}

/// <summary>A new configuration with its schema beside it, so that editors complete and check it.</summary>
/// <param name="path">Where it goes; a symbolic link stays, and the file that it leads to is written.</param>
internal sealed class ConfigurationDraft(string path)
{
    private const string SchemaName = "ark.schema.json";

    /// <summary>True when something is there already.</summary>
    public bool Exists => Path.Exists(SafeFile.Target(path));

    /// <summary>Writes both, for their owner only. Whatever was there is kept; returns where, or null when there was nothing.</summary>
    /// <exception cref="UserError">There is something that is no file.</exception>
    public string? Write(ReadOnlySpan<byte> text, DateTimeOffset now)
    {
        string target = SafeFile.Target(path);
        if (Directory.Exists(target))
        {
            throw new UserError($"{target} is a directory", "name a file with --file");
        }

        string folder = Path.GetDirectoryName(path)!;
        _ = SafeFile.MakeDirectory(folder);
        string? backup = null;
        if (SafeFile.Read(target) is { } before)
        {
            backup = FreeName($"{path}.{now.UtcDateTime:yyyyMMdd-HHmmss}.bak");
            SafeFile.ReplaceAndClose(backup, before);
        }

        SafeFile.ReplaceAndClose(Path.Combine(folder, SchemaName), Schema());
        SafeFile.ReplaceAndClose(target, text);
        return backup;
    }

    /// <summary>The JSON Schema of the configuration.</summary>
    public static byte[] Schema()
    {
        using Stream resource = typeof(ConfigurationDraft).Assembly.GetManifestResourceStream(SchemaName)!;
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }

    private static string FreeName(string name)
    {
        string free = name;
        for (int next = 2; Path.Exists(free); next++)
        {
            free = $"{name}{next}";
        }

        return free;
    }
}
