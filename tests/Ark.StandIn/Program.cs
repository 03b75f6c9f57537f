using System.Runtime.InteropServices;
using Ark.StandIn;

if (Options.Parse(args) is not { } options)
{
    await Console.Error.WriteLineAsync(Options.Usage);
    return 2;
}

await using var standIns = await StandIns.StartAsync(options);
foreach (var (name, value) in standIns.Variables)
{
    Console.WriteLine($"{name}='{value}'");
}

Console.WriteLine("READY=1");
await Console.Out.FlushAsync();

var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
var inputEnds = Console.OpenStandardInput().CopyToAsync(Stream.Null);
await Task.WhenAny(asked.Task, inputEnds);
return 0;

void End(PosixSignalContext signal)
{
    signal.Cancel = true;
    asked.TrySetResult();
}
