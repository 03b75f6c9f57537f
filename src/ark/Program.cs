using Ark.Cli;
using Ark.Cli.Catalog;
using Ark.Cli.Commands;
using Ark.Cli.Output;
using Ark.Client;
using Ark.Wire.Unix;

SystemCertificates.Use();
using var output = StandardStream.Open(1, Console.OpenStandardOutput);
using var error = StandardStream.Open(2, Console.OpenStandardError);
var terminal = new Terminal(output, error, Console.ReadLine)
{
    OutputIsTerminal = !Console.IsOutputRedirected,
    ErrorIsTerminal = !Console.IsErrorRedirected,
    CanAsk = !Console.IsInputRedirected && !Console.IsErrorRedirected,
};
var daemon = DaemonClient.ForThisUser();

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
    arguments => ForegroundDaemon.Run(ForegroundDaemon.Find(Environment.GetEnvironmentVariable, AppContext.BaseDirectory), arguments));
return new CommandLine(terminal, ark.ToCommand(), ArkCommand.Name).Run(args);
