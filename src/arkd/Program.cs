using Ark.Daemon.Lifetime;
using Ark.Wire;

namespace Ark.Daemon;

/// <summary>The daemon's command line. People use <c>ark daemon</c>; the helper starts it without arguments.</summary>
internal static class Program
{
    private const string Usage = """
        Usage: arkd [--once | --version | --help]

        Serves registry credentials to this user's programs over a private socket (a named pipe on Windows).
        It is started by the first docker-credential-ark that needs it, by systemd, or with: ark daemon start

          --once     serve one request from standard input, then exit

        Environment: ARK_CONFIG (configuration), ARK_RUNTIME_DIR (socket and locks), ARK_LOG (error|warn|info|debug)
        """;

    private static int Main(string[] args)
    {
        Hardening.Apply();
        SystemCertificates.Use();
        switch (args)
        {
            case []:
                return new Daemon(Environment.GetEnvironmentVariable, TimeProvider.System).RunAsync().GetAwaiter().GetResult();
            case ["--once"]:
                return new Daemon(Environment.GetEnvironmentVariable, TimeProvider.System).RunOnceAsync().GetAwaiter().GetResult();
            case ["--version"]:
                Console.WriteLine($"arkd {Build.Current}");
                return 0;
            case ["--help"] or ["-h"]:
                Console.WriteLine(Usage);
                return 0;
            default:
                Console.Error.WriteLine(Usage);
                return 1;
        }
    }
}
