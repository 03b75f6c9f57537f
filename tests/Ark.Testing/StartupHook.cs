using System.Diagnostics.Tracing;
using System.Runtime.CompilerServices;

/// <summary>
/// What <c>DOTNET_STARTUP_HOOKS</c> loads into a program of ours, to learn which of its methods run: when the program exits, it writes a
/// line for each time that one was compiled to the file that <c>COMPILED_METHODS</c> names. The runtime compiles a method at its first call
/// and, optimized, again when it has been called often, so the second line tells what runs over and over.
/// </summary>
internal static class StartupHook
{
    /// <summary>The runtime's number for a method that was optimized since it was called often.</summary>
    public const int OftenCalled = 4;

    public static void Initialize()
    {
        string file = Environment.GetEnvironmentVariable("COMPILED_METHODS")
            ?? throw new InvalidOperationException("COMPILED_METHODS is not set");
        int often = Convert.ToInt32(Environment.GetEnvironmentVariable("DOTNET_TC_CallCountThreshold"), 16);
        var listener = new CompiledMethods();
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            // Methods are compiled in order and behind the program's back: once this one has had its turn, all others have had theirs.
            for (int call = 0; call < often + 1; call++)
            {
                LastOfAll();
            }

            listener.LastWasCompiled.Wait(TimeSpan.FromSeconds(30));
            File.WriteAllLines(file, listener.Lines());
        };
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LastOfAll()
    {
    }

    private sealed class CompiledMethods : EventListener
    {
        private const EventKeywords JustInTimeCompiler = (EventKeywords)0x10;

        private readonly List<string> _lines = [];

        public ManualResetEventSlim LastWasCompiled { get; } = new();

        public string[] Lines()
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "Microsoft-Windows-DotNETRuntime")
            {
                EnableEvents(eventSource, EventLevel.Verbose, JustInTimeCompiler);
            }
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            if (eventData.EventName is not { } name || !name.StartsWith("MethodLoadVerbose", StringComparison.Ordinal))
            {
                return;
            }

            object Value(string field) => eventData.Payload![eventData.PayloadNames!.IndexOf(field)]!;
            uint tier = ((uint)Value("MethodFlags") >> 7) & 7;
            lock (_lines)
            {
                _lines.Add($"{Value("MethodToken")}\t{tier}\t{Value("MethodNamespace")}\t{Value("MethodName")}");
            }

            if (tier == OftenCalled && (string)Value("MethodName") == nameof(LastOfAll))
            {
                LastWasCompiled.Set();
            }
        }
    }
}
