using System.Diagnostics;
using Xunit;

namespace Ark.Tests.Architecture;

/// <summary>The files of this repository as they lie on disk.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    public static string Text(string relative) => File.ReadAllText(PathOf(relative));

    /// <summary>Every file that is, or by the next commit will be, in the repository; the test is skipped where that cannot be known.</summary>
    public static IReadOnlyList<string> Files()
    {
        Assert.SkipUnless(Path.Exists(PathOf(".git")), "not a clone");
        using var git = Process.Start(new ProcessStartInfo("git", ["-c", "core.quotePath=off", "ls-files", "--cached", "--others", "--exclude-standard"])
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
        })!;
        string[] listed = git.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        git.WaitForExit();
        Assert.SkipUnless(git.ExitCode == 0, "git does not tell");
        return [.. listed.Where(file => File.Exists(PathOf(file)))];
    }

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "CredHelper.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("not inside the repository");
    }
}
