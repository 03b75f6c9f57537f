using Ark.Core.Resolving;
using Xunit;

namespace Ark.Tests.Resolving;

public sealed class CallerContextTests
{
    private readonly HashSet<string> _foreign = [];
    private readonly Dictionary<string, string> _own = new() { ["HOME"] = "/home/daemon" };
    private readonly Dictionary<string, string> _caller = new() { ["HOME"] = "/home/me" };

    public CallerContextTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix paths");

    private CallerContext Context => new CallerContexts(
        _own.GetValueOrDefault,
        ["GNUPGHOME", "GPG_TTY", "XDG_RUNTIME_DIR"],
        path => !_foreign.Contains(path),
        path => _foreign.Contains(path) ? $"{path} is loose; close it" : null)
        .Of(new CallerIdentity(new Dictionary<string, string>(_caller)));

    [Fact]
    public void A_home_of_another_user_is_passed_over_for_the_daemons_own_and_then_for_none()
    {
        Assert.Equal(("/home/me", "/home/me", "/home/me"), (Context.Home, Context.WorkingDirectory, Context.Variables["HOME"]));

        _foreign.Add("/home/me");
        Assert.Equal(("/home/daemon", "/home/daemon"), (Context.Home, Context.Variables["HOME"]));

        _foreign.Add("/home/daemon");
        Assert.Null(Context.Home);
        Assert.Null(Context.WorkingDirectory);
        Assert.Null(Context.Variables["HOME"]);
        Assert.Equal((null, "/etc/file"), (Context.Absolute("~/file"), Context.Absolute("/etc/file")));
    }

    [Theory]
    [InlineData("GNUPGHOME")]
    [InlineData("PASSWORD_STORE_DIR")]
    [InlineData("XDG_CONFIG_HOME")]
    public void A_store_that_another_user_could_fill_does_not_count_and_the_caller_is_told(string variable)
    {
        _caller[variable] = "/store";
        Assert.Equal(("/store", 0), (Context.Variables[variable], Context.Warnings.Count));
        string?[] trusted = [.. Context.Identity];

        _foreign.Add("/store");
        Assert.Null(Context.Variables[variable]);
        Assert.Equal($"{variable} is not used: /store is loose; close it", Assert.Single(Context.Warnings));
        Assert.NotEqual(trusted, Context.Identity);

        _caller[variable] = "store";
        Assert.Null(Context.Variables[variable]);
        Assert.Contains("absolute", Assert.Single(Context.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_daemon_itself_was_started_with_is_judged_alike()
    {
        _own["DOCKER_CONFIG"] = "/docker";
        Assert.Equal("/docker", Context.Variables["DOCKER_CONFIG"]);

        _foreign.Add("/docker");
        Assert.Null(Context.Variables["DOCKER_CONFIG"]);
        Assert.Empty(Context.Warnings);
    }

    [Fact]
    public void Variables_that_name_no_store_are_handed_on_and_another_users_session_is_not()
    {
        (_caller["GPG_TTY"], _caller["XDG_RUNTIME_DIR"], _caller["OTHER"]) = ("/dev/pts/1", "/run/user/1", "x");
        Assert.Equal(
            ("/dev/pts/1", "/run/user/1", false),
            (Context.Variables["GPG_TTY"], Context.Variables["XDG_RUNTIME_DIR"], Context.Variables.ContainsKey("OTHER")));

        _foreign.Add("/run/user/1");
        Assert.False(Context.Variables.ContainsKey("XDG_RUNTIME_DIR"));
    }
}
