using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using Ark.Files;
using Ark.Tests.Wire;
using Xunit;

namespace Ark.Tests.Files;

[UnsupportedOSPlatform("windows")]
public sealed class TrustedFileTests : IDisposable
{
    private readonly SomeDirectory _some = new();

    public TrustedFileTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "modes and owners are Unix's");

    public void Dispose() => _some.Dispose();

    [Fact]
    public void What_is_there_is_read_up_to_a_bound()
    {
        string file = Write("file", "content");

        using TrustedFile? opened = TrustedFile.Open(file);

        Assert.NotNull(opened);
        Assert.Equal(("content", "cont", null), (Text(opened.Read(100)), Text(opened.Read(4)), opened.Fault));
        Assert.Equal(opened.Stamp, FileStamp.Of(file));
        Assert.Equal(7, opened.Stamp.Length);
        Assert.True(opened.IsPrivate);
    }

    [Fact]
    public void What_is_not_there_is_null_and_a_link_to_nowhere_is_an_error()
    {
        Assert.Null(TrustedFile.Open(_some.Sub("none")));
        Assert.Null(TrustedFile.Open(_some.Sub("none/below")));
        Assert.Null(FileStamp.Of(_some.Sub("none")));
        Assert.Throws<FileNotFoundException>(() => TrustedFile.Open(_some.Link("link", _some.Sub("none"))));
        Assert.Throws<FileNotFoundException>(() => FileStamp.Of(_some.Sub("link")));
        Assert.Throws<IOException>(() => TrustedFile.Open(_some.Sub("a\0b")));
        Assert.Throws<IOException>(() => FileStamp.Of(_some.Sub("a\0b")));
    }

    [Fact]
    public void A_pipe_a_device_and_a_directory_are_never_opened()
    {
        using (Process mkfifo = Process.Start("mkfifo", [_some.Sub("pipe")]))
        {
            mkfifo.WaitForExit();
        }

        foreach (string path in (string[])[_some.Sub("pipe"), "/dev/zero", _some.Make("directory")])
        {
            using TrustedFile? opened = TrustedFile.Open(path);
            Assert.False(opened!.IsOrdinary);
            Assert.Throws<IOException>(() => opened.Read(1));
        }
    }

    [Theory]
    [InlineData(0x1B0, "660")] // file
    [InlineData(0x186, "606")]
    public void A_file_that_others_can_write_is_told_with_the_command_that_closes_it(int mode, string shown)
    {
        string file = Write("file", "");
        File.SetUnixFileMode(file, (UnixFileMode)mode);

        using TrustedFile? opened = TrustedFile.Open(file);

        Assert.Equal(new FileFault(file, $"can be written by others (mode {shown})", $"close it with: chmod go-w {file}"), opened?.Fault);
    }

    [Fact]
    public void A_loose_directory_far_above_the_file_is_told_too()
    {
        _some.Make("home", 0x1FF);
        _some.Make("home/.config");
        _some.Make("home/.config/ark");
        string file = Write("home/.config/ark/config.json", "{}");

        using TrustedFile? opened = TrustedFile.Open(file);

        Assert.Equal($"{_some.Sub("home")} can be written by others (mode 777)", opened?.Fault?.Message);
        Assert.Equal(opened?.Fault, TrustedFile.Judge(_some.Sub("home/.config")));
    }

    [Fact]
    public void A_link_in_the_middle_of_the_path_through_another_users_directory_is_told()
    {
        Assert.SkipUnless(SomeDirectory.CanChangeOwners, "only root can give a directory to another user");
        Directory.CreateDirectory(_some.Sub("foreign/mine"));
        Write("foreign/mine/file", "");
        _some.MakeForeign("foreign");
        _some.Link("link", _some.Sub("foreign/mine"));

        using TrustedFile? opened = TrustedFile.Open(_some.Sub("link/file"));

        Assert.Equal($"{_some.Sub("foreign")} belongs to another user", opened?.Fault?.Message);
    }

    [Fact]
    public void Whatever_exchanges_the_file_changes_its_stamp()
    {
        string file = Write("file", "one");
        FileStamp first = FileStamp.Of(file)!.Value;

        Write("next", "two");
        File.SetLastWriteTimeUtc(_some.Sub("next"), first.WrittenAt.UtcDateTime);
        File.Move(_some.Sub("next"), file, overwrite: true);
        FileStamp moved = FileStamp.Of(file)!.Value;
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        FileStamp closed = FileStamp.Of(file)!.Value;

        Assert.Equal(3, new[] { first, moved, closed }.Distinct().Count());
    }

    [Fact]
    public void Replacing_leaves_nothing_else_behind_and_is_the_owners_alone()
    {
        TrustedFile.Replace(_some.Sub("file"), "one"u8);
        TrustedFile.Replace(_some.Sub("file"), "two"u8);

        Assert.Equal("two", File.ReadAllText(_some.Sub("file")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_some.Sub("file")));
        Assert.Equal([_some.Sub("file")], Directory.GetFileSystemEntries(_some.Path));
    }

    [Fact]
    public void Replacing_keeps_a_link_and_the_mode_where_it_is_to_be_kept()
    {
        string real = Write("real", "one"), link = _some.Link("link", real);
        File.SetUnixFileMode(real, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        TrustedFile.Replace(link, "two"u8, keepMode: true);

        Assert.Equal(("two", real), (File.ReadAllText(real), new FileInfo(link).LinkTarget));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(real));
        Assert.Equal(real, TrustedFile.TargetOf(link));
    }

    [Fact]
    public void What_root_edits_stays_its_owners()
    {
        Assert.SkipUnless(SomeDirectory.CanChangeOwners, "only root can give a file to another user");
        string file = _some.MakeForeignFile("file");

        TrustedFile.Replace(file, "two"u8, keepMode: true);

        Assert.Equal(SomeDirectory.Nobody, FileStamp.Of(file)!.Value.Owner);
        Assert.Equal("two", File.ReadAllText(file));
    }

    [Fact]
    public void A_draft_that_cannot_be_written_leaves_the_old_file()
    {
        Write("file", "one");

        Assert.ThrowsAny<IOException>(() => TrustedFile.Replace(_some.Sub("none/file"), "two"u8));
        Assert.Equal("one", File.ReadAllText(_some.Sub("file")));
    }

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private string Write(string name, string content)
    {
        File.WriteAllText(_some.Sub(name), content);
        File.SetUnixFileMode(_some.Sub(name), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return _some.Sub(name);
    }
}
