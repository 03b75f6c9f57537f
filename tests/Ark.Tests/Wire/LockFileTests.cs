using System.Runtime.Versioning;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Wire;

[UnsupportedOSPlatform("windows")]
public sealed class LockFileTests : IDisposable
{
    private readonly SomeDirectory _some = new();

    public LockFileTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows locks by sharing modes");

    private string File => _some.Sub("lock");

    public void Dispose() => _some.Dispose();

    [Fact]
    public void The_second_comes_too_late_until_the_first_lets_go()
    {
        using (var first = LockFile.TryTake(File))
        {
            Assert.NotNull(first);
            Assert.Null(LockFile.TryTake(File));
        }

        using var next = LockFile.TryTake(File);
        Assert.NotNull(next);
    }

    [Fact]
    public void The_file_is_ours_alone_whatever_the_umask()
    {
        using var held = LockFile.TryTake(File);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    [Fact]
    public void After_its_file_was_removed_a_lock_guards_nothing_and_a_new_one_can_be_had()
    {
        using var first = LockFile.TryTake(File);
        System.IO.File.Delete(File);
        using var second = LockFile.TryTake(File);
        Assert.NotNull(second);
    }

    [Fact]
    public void A_umask_of_0777_once_leaves_no_lock_that_nobody_can_ever_take()
    {
        System.IO.File.WriteAllText(File, "");
        System.IO.File.SetUnixFileMode(File, UnixFileMode.None);

        using var held = LockFile.TryTake(File);

        Assert.NotNull(held);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        Assert.Null(LockFile.TryTake(File));
    }

    [Fact]
    public void A_link_to_nowhere_makes_no_file_there()
    {
        _some.Link("link", _some.Sub("elsewhere"));

        Assert.Throws<IOException>(() => LockFile.TryTake(_some.Sub("link")));
        Assert.False(System.IO.File.Exists(_some.Sub("elsewhere")));
    }

    [Fact]
    public void Opening_itself_follows_no_link()
    {
        System.IO.File.WriteAllText(_some.Sub("target"), "");
        _some.Link("link", _some.Sub("target"));

        Assert.Equal(-1, Libc.open(_some.Sub("link"), Libc.O_RDWR | Libc.O_NOFOLLOW | Libc.O_CLOEXEC));
    }

    [Fact]
    public void A_link_a_directory_and_a_foreign_file_are_refused()
    {
        System.IO.File.WriteAllText(_some.Sub("target"), "kept");
        _some.Link("link", _some.Sub("target"));
        Assert.Throws<IOException>(() => LockFile.TryTake(_some.Sub("link")));
        Assert.Throws<IOException>(() => LockFile.TryTake(_some.Make("directory")));
        Assert.Equal("kept", System.IO.File.ReadAllText(_some.Sub("target")));
        if (SomeDirectory.CanChangeOwners)
        {
            Assert.Throws<IOException>(() => LockFile.TryTake(_some.MakeForeign("foreign")));
        }
    }
}
