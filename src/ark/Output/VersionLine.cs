using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;

namespace Ark.Cli.Output;

/// <summary>What <c>--version</c> prints: the name of the program and its version.</summary>
internal sealed class VersionLine(Terminal terminal, string program) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        terminal.WriteLine($"{program} {typeof(VersionLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion}");
        return 0;
    }
}
