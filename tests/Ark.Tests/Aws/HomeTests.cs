using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Testing;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Aws;

/// <summary>Whose profiles are read.</summary>
public sealed class HomeTests
{
    private static readonly EcrSource Configured = SomeCaller.Source(profile: "default");

    [Fact]
    public async Task A_home_of_somebody_else_is_passed_over_for_the_daemons_own()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        using var own = new TemporaryHome();
        WriteRole(caller.Home, "alices");
        WriteRole(own, "ours");
        caller.DaemonHome = own.Home;
        caller.Foreign.Add(caller.Home.Home);
        caller.Aws.AddRole(Role("alices"));
        caller.Aws.AddRole(Role("ours"));

        Assert.Contains("/ours/", (await caller.FetchAsync()).Principal.Arn, StringComparison.Ordinal);

        caller.Foreign.Clear();
        Assert.Contains("/alices/", (await caller.FetchAsync()).Principal.Arn, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configured_host_is_looked_up_in_the_callers_home_on_the_same_condition()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        using var own = new TemporaryHome();
        WriteRole(caller.Home, "callers");
        caller.DaemonHome = own.Home;
        Assert.Equal("profile default", caller.Found(Configured).Identity);

        caller.Foreign.Add(caller.Home.Home);
        Problem problem = caller.Refused(Configured);
        Assert.Equal(ProblemKind.ProfileNotFound, problem.Kind);
        Assert.Contains(own.Home, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_no_home_is_ours_no_profile_is_read()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        WriteRole(caller.Home, "alices");
        caller.Foreign.Add(caller.Home.Home);

        Problem problem = caller.Refused();
        Assert.Equal(ProblemKind.NoCredentials, problem.Kind);
        Assert.DoesNotContain(caller.Home.Home, problem.Message, StringComparison.Ordinal);
        Assert.Equal(ProblemKind.ProfileNotFound, caller.Refused(Configured).Kind);
        Assert.EndsWith("no home directory that belongs to this user", caller.Refused(Configured).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_the_caller_names_are_read_whoever_owns_the_home()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Foreign.Add(caller.Home.Home);
        caller.Variables["AWS_CONFIG_FILE"] = caller.Home.Write("chosen", "[default]\ncredential_process = /bin/true\n");

        Assert.Equal("profile default", caller.Found().Identity);
    }

    [Fact]
    public async Task A_home_of_root_that_is_open_to_the_user_is_the_callers()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        using var own = new TemporaryHome();
        WriteRole(caller.Home, "containers");
        WriteRole(own, "ours");
        caller.DaemonHome = own.Home;
        caller.Foreign.Add(caller.Home.Home);
        caller.Roots.Add(caller.Home.Home);
        caller.Aws.AddRole(Role("containers"));

        Assert.Contains("/containers/", (await caller.FetchAsync()).Principal.Arn, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_root_directory_is_a_home_for_who_has_no_other()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        WriteRole(caller.Home, "ours");
        caller.Variables["HOME"] = "/";
        caller.Foreign.Add("/");
        caller.Roots.Add("/");
        Assert.Equal("profile default", caller.Found().Identity);

        caller.DaemonHome = null;
        Assert.Contains("/.aws/config has no default profile", caller.Refused().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_of_root_is_told_from_others()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix only");
        using var home = new TemporaryHome();
        Assert.True(Ownership.IsRootsAndOpen("/usr"));
        Assert.Equal(Environment.UserName == "root", Ownership.IsRootsAndOpen(home.Home));
        Assert.False(Ownership.IsRootsAndOpen("/nowhere-at-all"));

        // Like /tmp: anybody could put an .aws there.
        string shared = Directory.CreateDirectory(Path.Combine(home.Home, "shared")).FullName;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(shared, (UnixFileMode)0x3FF /* 01777 */);
        }

        Assert.False(Ownership.IsRootsAndOpen(shared));
    }

    private static string Role(string name) => $"arn:aws:iam::123456789012:role/{name}";

    private static void WriteRole(TemporaryHome home, string name) => home.WriteAwsCredentials(
        $"""
        [default]
        role_arn = {Role(name)}
        source_profile = default
        aws_access_key_id = {SomeCaller.KeyId}
        aws_secret_access_key = {SomeCaller.Secret}
        """);
}
