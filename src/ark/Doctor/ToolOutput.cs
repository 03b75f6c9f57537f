using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Ark.Cli.Doctor;

/// <summary>What another program printed, within a limit of time. It gets no AWS credentials, and nothing to read.</summary>
internal sealed partial record ToolOutput(int ExitCode, string Out, string Error)
{
    private const int Most = 1 << 16;

    private static readonly TimeSpan UsualLimit = TimeSpan.FromSeconds(5);

    private static readonly string[] Given =
    [
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TMPDIR", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "DBUS_SESSION_BUS_ADDRESS",
        "DOCKER_CONFIG", "DOCKER_HOST", "DOCKER_CONTEXT", "ARK_RUNTIME_DIR", "GNUPGHOME", "PASSWORD_STORE_DIR", "DISPLAY", "WAYLAND_DISPLAY",
        "SystemRoot", "SystemDrive", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "TEMP", "TMP", "ComSpec", "PATHEXT",
    ];

    /// <summary>The first version in what it printed, such as <c>28.2.2</c>.</summary>
    public Version? Version =>
        VersionInText().Match(Out) is { Success: true } found && Version.TryParse(found.Value, out Version? version) ? version : null;

    /// <summary>Runs a program to its end; null where it cannot be run or takes too long.</summary>
    public static ToolOutput? Of(string path, IReadOnlyList<string> arguments, Func<string, string?> environment, TimeSpan? limit = null)
    {
        // A relative entry of PATH would let the current directory supply the program.
        if (!Path.IsPathFullyQualified(path))
        {
            return null;
        }

        var start = new ProcessStartInfo(path, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
        };
        start.Environment.Clear();
        foreach (string name in Given)
        {
            if (environment(name) is { Length: > 0 } value)
            {
                start.Environment[name] = value;
            }
        }

        try
        {
            using var program = new Process { StartInfo = start };
            program.Start();
            program.StandardInput.Close();
            TimeSpan patience = limit ?? UsualLimit;
            Task<string> output = ReadAsync(program.StandardOutput), error = ReadAsync(program.StandardError);
            if (!program.WaitForExit(patience) || !Task.WaitAll([output, error], patience))
            {
                program.Kill(entireProcessTree: true);
                return null;
            }

            return new ToolOutput(program.ExitCode, output.Result, error.Result);
        }
        catch (Exception e) when (e is Win32Exception or IOException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The beginning of a stream, which is read to its end so that nobody waits for a reader.</summary>
    private static async Task<string> ReadAsync(StreamReader stream)
    {
        char[] kept = new char[Most];
        int length = await stream.ReadBlockAsync(kept);
        char[] rest = new char[4096];
        while (await stream.ReadAsync(rest) > 0)
        {
            // What is beyond the beginning says nothing that is looked for.
        }

        return new string(kept, 0, length);
    }

    [GeneratedRegex(@"\d+\.\d+(\.\d+)?")]
    private static partial Regex VersionInText();
}
