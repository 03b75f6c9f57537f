using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Ark.Wire;

namespace Ark.Tests.Wire;

/// <summary>A private directory of one test, short enough for a socket below it, and the ways to spoil what is in it.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed partial class SomeDirectory : IDisposable
{
    public const uint Nobody = 65_534;

    public SomeDirectory()
    {
        Path = $"/tmp/ark-{Guid.NewGuid().ToString("N")[..10]}";
        Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public static bool CanChangeOwners => Libc.geteuid() == 0;

    public string Path { get; }

    public string Sub(string name) => System.IO.Path.Combine(Path, name);

    public string Make(string name, int mode = 0x1C0)
    {
        Directory.CreateDirectory(Sub(name));
        File.SetUnixFileMode(Sub(name), (UnixFileMode)mode);
        return Sub(name);
    }

    public string MakeForeign(string name)
    {
        Assert(chown(Make(name), Nobody, Nobody) == 0);
        return Sub(name);
    }

    public string MakeForeignFile(string name)
    {
        File.WriteAllText(Sub(name), "");
        Assert(chown(Sub(name), Nobody, Nobody) == 0);
        return Sub(name);
    }

    public string Link(string name, string target)
    {
        File.CreateSymbolicLink(Sub(name), target);
        return Sub(name);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static void Assert(bool good) => Xunit.Assert.True(good, Marshal.GetLastPInvokeErrorMessage());

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int chown(string path, uint owner, uint group);
}
