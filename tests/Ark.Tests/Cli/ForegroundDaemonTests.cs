using Ark.Cli.Commands;
using Ark.Cli.Output;
using Xunit;

namespace Ark.Tests.Cli;

public sealed class ForegroundDaemonTests : IDisposable
{
    private static readonly string Arkd = OperatingSystem.IsWindows() ? "arkd.exe" : "arkd";
    private readonly SomeUser _user = new();

    public void Dispose() => _user.Dispose();

    [Fact]
    public void The_variable_wins_over_the_neighbour_and_the_neighbour_over_the_path()
    {
        var onPath = Program("on-path");
        _user.Environment["PATH"] = Path.GetDirectoryName(onPath)!;
        Assert.Equal(onPath, Find());

        var beside = Program("beside");
        Assert.Equal(beside, Find());

        var named = Program("named");
        _user.Environment["ARK_DAEMON"] = named;
        Assert.Equal(named, Find());
    }

    [Fact]
    public void A_variable_that_names_nothing_is_an_error_and_not_passed_over()
    {
        Program("beside");
        _user.Environment["ARK_DAEMON"] = Path.Combine(_user.Home, "none");
        Assert.Equal($"ARK_DAEMON is not a program: {Path.Combine(_user.Home, "none")}", Assert.Throws<UserError>(Find).Message);
    }

    [Fact]
    public void A_daemon_that_is_nowhere_is_told() =>
        Assert.Equal("arkd was not found beside ark or on PATH", Assert.Throws<UserError>(Find).Message);

    private string Find() => ForegroundDaemon.Find(name => _user.Environment.GetValueOrDefault(name), Path.Combine(_user.Home, "beside"));

    private string Program(string directory)
    {
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(_user.Home, directory)).FullName, Arkd);
        SomeUser.MakeProgram(path, "#!/bin/sh\n");
        return path;
    }
}
