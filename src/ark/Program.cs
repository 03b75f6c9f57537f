using Ark.Cli;
using Ark.Cli.Commands;
using Ark.Cli.Output;
using Ark.Client;

using var output = StandardStream.Open(1, Console.OpenStandardOutput);
using var error = StandardStream.Open(2, Console.OpenStandardError);
var terminal = new Terminal(output, error, Console.ReadLine)
{
    OutputIsTerminal = !Console.IsOutputRedirected,
    CanAsk = !Console.IsInputRedirected && !Console.IsErrorRedirected,
};
return new CommandLine(
    terminal,
    Environment.GetEnvironmentVariable,
    TimeProvider.System,
    DaemonClient.ForThisUser(),
    arguments => ForegroundDaemon.Run(ForegroundDaemon.Find(Environment.GetEnvironmentVariable, AppContext.BaseDirectory), arguments)).Run(args);
