using Xunit;

namespace Ark.Tests.Cli;

public sealed class CommandTests : IDisposable
{
    private readonly SomeUser _user = new();

    public void Dispose() => _user.Dispose();

    [Fact]
    public void Exit_codes_are_0_or_1_whatever_the_daemon_says()
    {
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says("", "ark: error: no\n", 3);
        Assert.Equal(1, _user.Run("token", The.Host));
        Assert.Equal(1, _user.Run("refresh", The.Host));
    }

    [Fact]
    public void Run_passes_further_arguments_on()
    {
        Assert.Equal(0, _user.Run("daemon", "run", "--idle", "0", "--", "-x"));
        Assert.Equal(["--idle", "0", "-x"], _user.DaemonArguments);
    }

    [Fact]
    public void Without_a_command_ark_prints_its_help()
    {
        Assert.Equal(0, _user.Run("--help"));
        string help = _user.Out;
        Assert.Equal((0, help), (_user.Run(), _user.Out));
        Assert.Equal((0, help), (_user.Run("-h"), _user.Out));
    }

    [Theory]
    [InlineData("status")]
    [InlineData("token")]
    [InlineData("refresh")]
    [InlineData("setup")]
    [InlineData("daemon")]
    [InlineData("push")]
    [InlineData("push kura")]
    [InlineData("daemon run")]
    [InlineData("daemon start")]
    [InlineData("daemon stop")]
    [InlineData("daemon restart")]
    [InlineData("show")]
    [InlineData("export")]
    [InlineData("org")]
    [InlineData("org list")]
    [InlineData("org show")]
    [InlineData("org validate")]
    [InlineData("use")]
    [InlineData("init")]
    [InlineData("repo")]
    [InlineData("repo list")]
    [InlineData("repo create")]
    [InlineData("repo url")]
    [InlineData("repo delete")]
    public void Every_command_teaches_by_example(string command)
    {
        Assert.Equal(0, _user.Run([.. command.Split(' '), "--help"]));
        Assert.Matches($"Examples?:\n  (ARK_LOG=debug )?ark {command}", _user.Out);
        Assert.Empty(_user.Daemon.Asked);
    }
}
