using System.Text;
using Ark.Testing;
using Xunit;

namespace Ark.EndToEnd.Roots;

/// <summary>
/// A root file system with the three executables, <c>/dev/null</c> and <c>/dev/urandom</c>, and nothing else: no C library, no OpenSSL,
/// no shell. The devices are there only in the mount namespace that each run has to itself. The process namespace ends with the
/// program, and what it started with it.
/// </summary>
internal sealed class EmptyRoot : IDisposable
{
    private const string Mount =
        """for device in null urandom; do mount --bind "/dev/$device" "$0/dev/$device" || exit; done""";

    private const string Enter = """exec chroot "$0" "$@" """;

    private readonly string _root = Directory.CreateTempSubdirectory("ark-root-").FullName;

    public EmptyRoot()
    {
        Write("/dev/null", "");
        Write("/dev/urandom", "");
        Directory.CreateDirectory(_root + "/home");
        foreach (string program in new[] { Programs.Helper, Programs.Daemon, Programs.Ark })
        {
            Assert.SkipUnless(File.Exists(program), $"not published: {program} (run scripts/publish)");
            Assert.SkipUnless(IsStatic(program), $"{Path.GetFileName(program)} is linked dynamically (scripts/publish says why)");
            File.Copy(program, Path.Combine(_root, Path.GetFileName(program)));
        }
    }

    /// <summary>All that a program in there has; no PATH.</summary>
    public Dictionary<string, string> Variables { get; } =
        new(StringComparer.Ordinal) { ["HOME"] = "/home", ["ARK_RUNTIME_DIR"] = "/home/run" };

    public void Write(string path, string content)
    {
        Directory.CreateDirectory(_root + Path.GetDirectoryName(path));
        File.WriteAllText(_root + path, content);
    }

    public bool Has(string path) => Path.Exists(_root + path);

    /// <summary>Runs a program of the root in it.</summary>
    public async Task<ProgramResult> RunAsync(string program, string[] arguments, string input)
    {
        string[] namespaces = ["--mount", "--pid", "--fork", "--kill-child"];
        if (!Environment.IsPrivilegedProcess)
        {
            namespaces = ["--user", "--map-root-user", .. namespaces];
        }

        ProgramResult possible = await Outside([.. namespaces, "sh", "-c", Mount, _root], "");
        Assert.SkipUnless(possible.ExitCode == 0, $"no mount namespace of one's own can be made here: {possible.ErrorText.Trim()}");
        return await Outside([.. namespaces, "sh", "-c", $"{Mount}\n{Enter}", _root, program, .. arguments], input);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private Task<ProgramResult> Outside(string[] arguments, string input) =>
        Programs.RunAsync(
            "/usr/bin/env",
            ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "unshare", .. arguments],
            Variables,
            Encoding.UTF8.GetBytes(input));

    /// <summary>A program that is linked dynamically names, near its beginning, what loads it.</summary>
    private static bool IsStatic(string program)
    {
        byte[] beginning = new byte[4096];
        using FileStream file = File.OpenRead(program);
        return beginning.AsSpan(0, file.ReadAtLeast(beginning, beginning.Length)).IndexOf("/ld-"u8) < 0;
    }
}
