using Ark.Cli;
using Ark.Cli.Commands;
using Ark.Cli.Output;
using Ark.Client;
using Ark.Wire;

CoreFiles.Forbid();
FileSizeSignal.Ignore();
SystemCertificates.Use();
using Stream output = StandardStream.Open(1, Console.OpenStandardOutput);
using Stream error = StandardStream.Open(2, Console.OpenStandardError);
var terminal = new Terminal(output, error, Console.ReadLine)
{
    OutputIsTerminal = !Console.IsOutputRedirected,
    ErrorIsTerminal = !Console.IsErrorRedirected,
    CanAsk = !Console.IsInputRedirected && !Console.IsErrorRedirected,
    OutputHasReader = () => StandardStream.HasReader(1),
    Width = Math.Clamp(StandardStream.Columns(1) ?? 80, 40, 120),
};
DaemonClient daemon = DaemonClient.ForThisUser();

// A link shows only in how the program was called, a copy only in where it is.
if (CatalogTool.IsMeant([Environment.GetCommandLineArgs()[0], Environment.ProcessPath]))
{
    var tool = new CatalogTool(terminal, daemon, DaemonClient.ForThisUserAs);
    return new CommandLine(terminal, tool.ToCommand(), CatalogTool.Name).Run(args);
}

var ark = new ArkCommand(
    terminal,
    Environment.GetEnvironmentVariable,
    TimeProvider.System,
    daemon,
    arguments => ForegroundDaemon.Run(ForegroundDaemon.Find(Environment.GetEnvironmentVariable, AppContext.BaseDirectory), arguments),
    DaemonClient.ForThisUserAs);
return new CommandLine(terminal, ark.ToCommand(), ArkCommand.Name).Run(args);
