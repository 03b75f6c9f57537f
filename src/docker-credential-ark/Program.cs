using Ark.Client;
using Ark.Wire;

namespace Ark.Helper;

/// <summary>Glue between the process and <see cref="CredentialHelper"/>. The exit code is 0 or 1, whatever happens.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        CoreFiles.Forbid();
        FileSizeSignal.Ignore();
        StandardStreams streams = OperatingSystem.IsWindows() ? new WindowsStreams() : new UnixStreams();
        Output output;
        try
        {
            string? organization = CredentialHelper.OrganizationOf(Environment.GetCommandLineArgs()[0]);
            output = new CredentialHelper(streams.ReadInput, DaemonClient.ForThisUser(organization)).Run(args);
        }
#pragma warning disable CA1031 // The last line of defence: an unhandled exception would exit with a code that no client expects.
        catch (Exception e)
#pragma warning restore CA1031
        {
            // Only the type: messages are cut from this build, and could hold what must not be shown.
            output = Output.Failure(
                $"ark failed unexpectedly ({e.GetType().Name})", $"try: ark daemon restart; if it fails again, {Report.Hint}");
        }

        return streams.Write(output) ? output.ExitCode : 1;
    }
}
