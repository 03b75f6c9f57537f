using System.CommandLine;
using System.Text;
using Ark.Cli;
using Ark.Cli.Output;
using Ark.Testing;

namespace Ark.Tests.Cli;

/// <summary>A user with an empty home in a temporary folder, who runs ark in this process.</summary>
internal sealed class SomeUser : IDisposable
{
    private readonly MemoryStream _output = new();
    private readonly MemoryStream _error = new();

    private readonly bool _isTwin;

    private SomeUser(SomeUser other)
    {
        (_isTwin, Root, Home, Environment) = (true, other.Root, other.Home, other.Environment);
    }

    public SomeUser()
    {
        Root = Directory.CreateTempSubdirectory("ark-cli-").FullName;
        Home = Directory.CreateDirectory(Path.Combine(Root, "home")).FullName;
        var programs = Directory.CreateDirectory(Path.Combine(Root, "bin")).FullName;
        string helper = OperatingSystem.IsWindows() ? "docker-credential-ark.exe" : "docker-credential-ark";
        MakeProgram(Path.Combine(programs, helper), "#!/bin/sh\n");
        Environment = new()
        {
            ["HOME"] = Home,
            ["USERPROFILE"] = Home,
            ["LOCALAPPDATA"] = Path.Combine(Home, ".local", "state"),
            ["XDG_RUNTIME_DIR"] = Path.Combine(Root, "run"),
            ["PATH"] = programs,
        };
    }

    public string Root { get; }

    public string Home { get; }

    public Dictionary<string, string> Environment { get; }

    public FakeDaemon Daemon { get; } = new();

    public ManualClock Clock { get; } = new();

    public Queue<string> Answers { get; } = new();

    /// <summary>What happens while the question stands.</summary>
    public Action? WhenAsked { get; set; }

    public bool CanAsk { get; set; }

    public List<string> DaemonArguments { get; } = [];

    /// <summary>The organization that the catalog's tool asked for last.</summary>
    public string? AskedFor { get; private set; }

    public bool OutputIsTerminal { get; set; }

    public bool ErrorIsTerminal { get; set; }

    public string Out => Encoding.UTF8.GetString(_output.ToArray());

    public string Error => Encoding.UTF8.GetString(_error.ToArray());

    public string Config => Path.Combine(Home, ".docker", "config.json");

    public string Backup => $"{Config}.ark-backup";

    public string State => Path.Combine(Home, ".local", "state", "ark", "setup.json");

    public Terminal Terminal => new(_output, _error, ReadLine)
    {
        CanAsk = CanAsk,
        OutputIsTerminal = OutputIsTerminal,
        ErrorIsTerminal = ErrorIsTerminal,
    };

    /// <summary>The other programs that were run, with their arguments.</summary>
    public List<string> Ran { get; } = [];

    /// <summary>What such a program does, given its arguments; its exit code.</summary>
    public Func<IReadOnlyList<string>, int> Program { get; set; } = _ => 0;

    /// <summary>Runs the command; what it says replaces what the last one said.</summary>
    public int Run(params string[] arguments)
    {
        _output.SetLength(0);
        _error.SetLength(0);
        Terminal terminal = Terminal;
        return new CommandLine(terminal, Command(terminal), ArkCommand.Name).Run(arguments);
    }

    /// <summary>The command with all below it.</summary>
    public RootCommand Command(Terminal? terminal = null)
    {
        var ark = new ArkCommand(
            terminal ?? Terminal,
            name => Environment.GetValueOrDefault(name),
            Clock,
            Daemon,
            further =>
            {
                DaemonArguments.AddRange(further);
                return 0;
            },
            runProgram: Start);
        return ark.ToCommand();
    }

    /// <summary>Runs the command under the name of the catalog's tool.</summary>
    public int RunCatalogTool(params string[] arguments)
    {
        _output.SetLength(0);
        _error.SetLength(0);
        Terminal terminal = Terminal;
        var tool = new CatalogTool(terminal, Daemon, organization =>
        {
            AskedFor = organization;
            return Daemon;
        });
        return new CommandLine(terminal, tool.ToCommand(), CatalogTool.Name).Run(arguments);
    }

    /// <summary>The same user at another terminal.</summary>
    public SomeUser Twin() => new(this);

    public void HasConfig(string text) => HasConfig(Encoding.UTF8.GetBytes(text));

    public void HasConfig(byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Config)!);
        File.WriteAllBytes(Config, bytes);
    }

    public string ReadConfig() => File.ReadAllText(Config);

    /// <summary>Every path below the home with its content: two of these are equal when nothing at all changed.</summary>
    public string[] Everything() =>
        [.. Directory.EnumerateFileSystemEntries(Home, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(Described)];

    public static void MakeProgram(string path, string text)
    {
        File.WriteAllText(path, text);
        ExecutableFile.Make(path);
    }

    private static string Described(string path) =>
        Directory.Exists(path) ? path : $"{path} {new FileInfo(path).LinkTarget} {Convert.ToHexString(File.ReadAllBytes(path))}";

    private int Start(string path, IReadOnlyList<string> arguments)
    {
        Ran.Add(string.Join(' ', [path, .. arguments]));
        return Program(arguments);
    }

    private string? ReadLine()
    {
        WhenAsked?.Invoke();
        return Answers.TryDequeue(out var answer) ? answer : null;
    }

    public void Dispose()
    {
        if (!_isTwin)
        {
            Directory.Delete(Root, recursive: true);
        }

        _output.Dispose();
        _error.Dispose();
    }
}
