using Ark.Cli.Files;
using Ark.Cli.Output;

namespace Ark.Cli.Docker;

/// <summary>
/// The helper under the name by which docker uses it for one organization: <c>docker-credential-ark-ORG</c>, a symbolic link beside the
/// helper, and a copy on Windows, where links need a privilege.
/// </summary>
internal sealed class HelperLink(string path)
{
    private const string Helper = "docker-credential-ark";

    public string Path => path;

    /// <summary>True when the name leads to the helper already.</summary>
    /// <exception cref="UserError">It is something else's.</exception>
    public bool Exists =>
        IsOurs ? true
        : System.IO.Path.Exists(path) || new FileInfo(path).LinkTarget is not null
            ? throw new UserError($"{path} exists already and is not a link to {Helper}", "move it away and try again")
        : false;

    private bool IsOurs => OperatingSystem.IsWindows() ? AreTheSame(path, Copied) : new FileInfo(path).LinkTarget == Helper;

    /// <summary>What the copy is made of.</summary>
    private string Copied => System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path)!, $"{Helper}.exe");

    /// <summary>The link for this organization, beside the helper that docker would find.</summary>
    /// <exception cref="UserError">There is no helper to link to.</exception>
    public static HelperLink For(string organization, UserPaths paths)
    {
        string helper = paths.FindProgram(Helper)
            ?? throw new UserError($"{Helper} is not on PATH, so there is nothing to link to", "add its directory to PATH");
        return new HelperLink(System.IO.Path.Combine(
            System.IO.Path.GetDirectoryName(helper)!, $"{Helper}-{organization}{System.IO.Path.GetExtension(helper)}"));
    }

    public void Make()
    {
        if (OperatingSystem.IsWindows())
        {
            File.Copy(Copied, path);
        }
        else
        {
            File.CreateSymbolicLink(path, Helper);
        }
    }

    /// <summary>Removes it, if it still is what setup made.</summary>
    public void Remove()
    {
        if (IsOurs)
        {
            File.Delete(path);
        }
    }

    /// <summary>True when both files are there with the same bytes.</summary>
    internal static bool AreTheSame(string one, string other) =>
        new FileInfo(one) is { Exists: true, Length: var length }
            && new FileInfo(other) is { Exists: true, Length: var expected } && length == expected
            && File.ReadAllBytes(one).AsSpan().SequenceEqual(File.ReadAllBytes(other));
}
