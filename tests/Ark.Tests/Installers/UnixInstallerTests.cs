using System.Diagnostics;
using System.Runtime.Versioning;
using System.Xml.Linq;
using Xunit;

namespace Ark.Tests.Installers;

[UnsupportedOSPlatform("windows")]
public sealed class UnixInstallerTests
{
    public UnixInstallerTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "these installers are shell scripts");

    [Theory]
    [InlineData("linux", true)]
    [InlineData("linux", false)]
    [InlineData("macos", true)]
    [InlineData("macos", false)]
    public async Task Uninstalling_leaves_the_home_as_it_was_before_installing(string system, bool sessionAnswers)
    {
        using var user = new Sandbox(sessionAnswers);
        string[] before = user.Tree();

        var installed = await user.Install(system);
        Assert.Equal((0, ""), (installed.Code, installed.Errors));
        Assert.NotEqual(before, user.Tree());
        Assert.All(["docker-credential-ark", "arkd", "ark"], program => Assert.True(File.Exists(Path.Combine(user.Bin, program))));
        // What a daemon leaves behind.
        Sandbox.Write(Path.Combine(user.State, "arkd.log"), "a line\n");
        Sandbox.Write(Path.Combine(user.Home, ".ark", "run", "arkd.lock"), "");

        var removed = await user.RunInstaller(system, "--uninstall");
        Assert.Equal((0, ""), (removed.Code, removed.Errors));
        Assert.Equal(before, user.Tree());
    }

    [Theory]
    [InlineData("linux")]
    [InlineData("macos")]
    public async Task Installing_twice_is_installing_once(string system)
    {
        using var user = new Sandbox();
        await user.Install(system);
        string[] once = user.Tree();

        var again = await user.Install(system);

        Assert.Equal((0, ""), (again.Code, again.Errors));
        Assert.Equal(once, user.Tree());
    }

    [Theory]
    [InlineData("linux")]
    [InlineData("macos")]
    public async Task A_dry_run_changes_nothing_and_asks_nobody_to(string system)
    {
        using var user = new Sandbox();
        string[] before = user.Tree();

        var run = await user.Install(system, "--dry-run");

        Assert.Equal((0, ""), (run.Code, run.Errors));
        Assert.Contains($"would write {user.Bin}/docker-credential-ark", run.Output, StringComparison.Ordinal);
        Assert.Equal(before, user.Tree());
        Assert.DoesNotContain(user.Called(), call => call.Contains("enable", StringComparison.Ordinal) || call.Contains("boot", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dry_uninstall_removes_nothing()
    {
        using var user = new Sandbox();
        await user.Install("linux");
        string[] installed = user.Tree();

        var run = await user.RunInstaller("linux", "--uninstall", "--dry-run");

        Assert.Equal((0, ""), (run.Code, run.Errors));
        Assert.Equal(installed, user.Tree());
    }

    [Fact]
    public async Task An_upgrade_replaces_a_daemon_that_is_running()
    {
        using var user = new Sandbox();
        File.Copy("/bin/cat", Path.Combine(user.Executables, "arkd"), overwrite: true);
        await user.Install("linux");
        using var daemon = Process.Start(new ProcessStartInfo(Path.Combine(user.Bin, "arkd")) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        Sandbox.WriteProgram(Path.Combine(user.Executables, "arkd"), "exit 7");

        var upgrade = await user.Install("linux");

        Assert.Equal((0, ""), (upgrade.Code, upgrade.Errors));
        Assert.Contains("exit 7", await File.ReadAllTextAsync(Path.Combine(user.Bin, "arkd"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("ark daemon stop", user.Called());
        await daemon.StandardInput.WriteLineAsync("still here");
        Assert.Equal("still here", await daemon.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        daemon.StandardInput.Close();
        await daemon.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_program_of_the_same_name_from_elsewhere_is_not_overwritten()
    {
        using var user = new Sandbox();
        string foreign = Path.Combine(user.Bin, "ark");
        Sandbox.Write(foreign, "an archive manager");

        var run = await user.Install("linux");

        Assert.Equal(1, run.Code);
        Assert.StartsWith($"ark: error: {foreign} is already there", run.Errors, StringComparison.Ordinal);
        Assert.Contains("ark: hint: ", run.Errors, StringComparison.Ordinal);
        Assert.Equal("an archive manager", await File.ReadAllTextAsync(foreign, TestContext.Current.CancellationToken));

        await user.RunInstaller("linux", "--uninstall");
        Assert.True(File.Exists(foreign));
    }

    [Theory]
    [InlineData("linux")]
    [InlineData("macos")]
    public async Task As_root_in_another_users_home_nothing_is_installed_or_removed(string system)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root meets another user's HOME that it could write to");
        using var user = new Sandbox();
        Sandbox.GiveAway(user.Home);
        string[] before = user.Tree();

        foreach (string[] arguments in new[] { ["--from", user.Executables], new[] { "--uninstall" } })
        {
            var run = await user.RunInstaller(system, arguments);

            Assert.Equal(1, run.Code);
            Assert.StartsWith($"ark: error: HOME is {user.Home}, which belongs to another user\nark: hint: ", run.Errors, StringComparison.Ordinal);
        }

        Assert.Equal(before, user.Tree());
    }

    [Theory]
    [InlineData(".local/bin")]
    [InlineData(".local")]
    [InlineData(".config/systemd/user")]
    public async Task A_folder_of_another_user_on_the_way_is_refused(string folder)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can give a folder away");
        using var user = new Sandbox();
        string foreign = Directory.CreateDirectory(Path.Combine(user.Home, folder)).FullName;
        Sandbox.GiveAway(foreign);

        var run = await user.Install("linux");

        Assert.Equal(1, run.Code);
        Assert.StartsWith($"ark: error: {foreign} belongs to another user (uid ", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_of_another_user_on_the_way_is_refused()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can give a link away");
        using var user = new Sandbox();
        string mine = Directory.CreateDirectory(Path.Combine(user.Home, "mine")).FullName;
        string link = Path.Combine(user.Home, ".local");
        File.CreateSymbolicLink(link, mine);
        Sandbox.GiveAway(link);

        var run = await user.Install("linux");

        Assert.Equal(1, run.Code);
        Assert.StartsWith($"ark: error: {link} belongs to another user (uid ", run.Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(mine));
    }

    [Theory]
    [InlineData(0x1FF /* 0777 */)]
    [InlineData(0x1FD /* 0775 */)]
    public async Task A_folder_that_others_can_write_to_is_refused(int mode)
    {
        using var user = new Sandbox();
        string open = Directory.CreateDirectory(Path.Combine(user.Home, ".local")).FullName;
        File.SetUnixFileMode(open, (UnixFileMode)mode);

        var run = await user.Install("linux");

        Assert.Equal((1, $"ark: error: {open} can be written by others\nark: hint: close it with: chmod go-w {open}\n"), (run.Code, run.Errors));
    }

    [Theory]
    [InlineData("docker-credential-ark")]
    [InlineData("ark-catalog-container-tool")]
    public async Task A_link_that_took_the_place_of_a_program_is_replaced_and_its_target_stays(string program)
    {
        using var user = new Sandbox();
        await user.Install("linux");
        string target = Path.Combine(user.Home, "precious");
        Sandbox.Write(target, "precious");
        string installed = Path.Combine(user.Bin, program);
        File.Delete(installed);
        File.CreateSymbolicLink(installed, target);

        var run = await user.Install("linux");

        Assert.Equal((0, ""), (run.Code, run.Errors));
        Assert.Equal("precious", await File.ReadAllTextAsync(target, TestContext.Current.CancellationToken));
        Assert.NotEqual(target, new FileInfo(installed).LinkTarget);
    }

    [Fact]
    public async Task A_link_that_leads_to_itself_is_named()
    {
        using var user = new Sandbox();
        string link = Path.Combine(user.Home, ".local");
        File.CreateSymbolicLink(link, link);

        var run = await user.Install("linux");

        Assert.Equal(1, run.Code);
        Assert.StartsWith($"ark: error: {link} leads in a circle\nark: hint: ", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_to_a_folder_of_ones_own_is_followed()
    {
        using var user = new Sandbox();
        string mine = Directory.CreateDirectory(Path.Combine(user.Home, "mine")).FullName;
        File.CreateSymbolicLink(Path.Combine(user.Home, ".local"), mine);

        var run = await user.Install("linux");

        Assert.Equal((0, ""), (run.Code, run.Errors));
        Assert.True(File.Exists(Path.Combine(mine, "bin", "ark")));
    }

    [Theory]
    [InlineData("linux")]
    [InlineData("macos")]
    public async Task The_catalog_tool_is_a_link_to_ark_that_survives_moving_the_folder(string system)
    {
        using var user = new Sandbox();
        var link = new FileInfo(Path.Combine(user.Bin, "ark-catalog-container-tool"));

        await user.Install(system);

        Assert.Equal("ark", link.LinkTarget);
        await user.RunInstaller(system, "--uninstall");
        Assert.False(Path.Exists(link.FullName));
    }

    [Fact]
    public async Task A_catalog_tool_from_elsewhere_is_not_overwritten()
    {
        using var user = new Sandbox();
        string foreign = Path.Combine(user.Bin, "ark-catalog-container-tool");
        Directory.CreateDirectory(user.Bin);
        File.CreateSymbolicLink(foreign, "/opt/catalog/tool");

        var run = await user.Install("linux");

        Assert.Equal(1, run.Code);
        Assert.StartsWith($"ark: error: {foreign} is already there", run.Errors, StringComparison.Ordinal);
        await user.RunInstaller("linux", "--uninstall");
        Assert.Equal("/opt/catalog/tool", new FileInfo(foreign).LinkTarget);
    }

    [Fact]
    public async Task Setup_is_undone_before_the_helper_goes()
    {
        using var user = new Sandbox();
        string receipt = Path.Combine(user.State, "setup.json");
        Sandbox.WriteProgram(Path.Combine(user.Executables, "ark"), $"[ \"$1\" != setup ] || rm -f '{receipt}'");
        await user.Install("linux");
        Sandbox.Write(receipt, "{}");

        var run = await user.RunInstaller("linux", "--uninstall");

        // Only undoing removes the receipt before the installer looks for it.
        Assert.Equal((0, ""), (run.Code, run.Errors));
        Assert.False(File.Exists(receipt));
    }

    [Fact]
    public async Task Nothing_is_removed_while_another_configuration_of_docker_asks_for_ark()
    {
        using var user = new Sandbox();
        await user.Install("linux");
        // What setup leaves when it was run for a second DOCKER_CONFIG, which undoing the first one does not touch.
        Sandbox.Write(Path.Combine(user.State, "setup.json"), "{}");
        string[] installed = user.Tree();

        var run = await user.RunInstaller("linux", "--uninstall");

        Assert.Equal(1, run.Code);
        Assert.Contains("DOCKER_CONFIG=", run.Errors, StringComparison.Ordinal);
        Assert.Equal(installed, user.Tree());
    }

    [Fact]
    public async Task Nothing_is_removed_when_setup_cannot_be_undone()
    {
        using var user = new Sandbox();
        Sandbox.WriteProgram(Path.Combine(user.Executables, "ark"), "[ \"$1\" != setup ]");
        await user.Install("linux");
        Sandbox.Write(Path.Combine(user.State, "setup.json"), "{}");
        string[] installed = user.Tree();

        var run = await user.RunInstaller("linux", "--uninstall");

        Assert.Equal(1, run.Code);
        Assert.Contains("nothing was removed", run.Errors, StringComparison.Ordinal);
        Assert.Equal(installed, user.Tree());
    }

    [Fact]
    public async Task A_folder_that_others_use_by_now_stays()
    {
        using var user = new Sandbox();
        await user.Install("linux");
        string other = Path.Combine(user.Bin, "other-tool");
        Sandbox.Write(other, "");

        var run = await user.RunInstaller("linux", "--uninstall");

        Assert.Equal((0, ""), (run.Code, run.Errors));
        Assert.Equal([other], Directory.EnumerateFileSystemEntries(user.Bin));
        Assert.False(Directory.Exists(Path.Combine(user.Home, ".local", "state")));
    }

    [Fact]
    public async Task The_systemd_unit_names_the_daemon_by_its_full_path_whatever_is_in_it()
    {
        using var user = new Sandbox();
        string prefix = Path.Combine(user.Home, "50% of | my & \"tools\"");

        var run = await user.Install("linux", "--prefix", prefix);

        Assert.Equal((0, ""), (run.Code, run.Errors));
        string[] unit = await File.ReadAllLinesAsync(Path.Combine(user.Home, ".config/systemd/user/arkd.service"), TestContext.Current.CancellationToken);
        Assert.Contains($"ExecStart=\"{user.Home}/50%% of | my & \\\"tools\\\"/bin/arkd\"", unit);
    }

    [Fact]
    public async Task The_launchd_agent_names_the_daemon_by_its_full_path_whatever_is_in_it()
    {
        using var user = new Sandbox();
        string prefix = Path.Combine(user.Home, "<my> & tools");

        var run = await user.Install("macos", "--prefix", prefix);

        Assert.Equal((0, ""), (run.Code, run.Errors));
        string agent = Directory.GetFiles(Path.Combine(user.Home, "Library", "LaunchAgents"), "*.plist").Single();
        var document = XDocument.Parse(await File.ReadAllTextAsync(agent, TestContext.Current.CancellationToken));
        Assert.Contains(document.Descendants("string"), text => text.Value == $"{prefix}/bin/arkd");
    }

    [Fact]
    public async Task The_socket_is_handed_to_systemd_when_it_answers_and_taken_back()
    {
        using var user = new Sandbox();

        await user.Install("linux");
        Assert.Contains("systemctl --user --quiet enable arkd.socket", user.Called());
        Assert.Contains("systemctl --user restart arkd.socket", user.Called());

        await user.RunInstaller("linux", "--uninstall");
        Assert.Contains("systemctl --user --quiet disable --now arkd.socket arkd.service", user.Called());
    }

    [Fact]
    public async Task Without_a_session_it_says_that_the_helper_starts_the_daemon()
    {
        using var user = new Sandbox(sessionAnswers: false);

        var run = await user.Install("linux");

        Assert.Contains("the helper starts the daemon itself", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_not_on_PATH_comes_with_the_line_to_add()
    {
        using var user = new Sandbox();

        var run = await user.Install("linux");

        Assert.Contains($"export PATH=\"{user.Bin}:$PATH\"", run.Output, StringComparison.Ordinal);
        Assert.Equal("# mine\n", await File.ReadAllTextAsync(Path.Combine(user.Home, ".profile"), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("--from", "needs a folder")]
    [InlineData("--form", "does not know '--form'")]
    public async Task A_wrong_argument_is_named_in_one_line_with_a_hint(string argument, string reason)
    {
        using var user = new Sandbox();

        var run = await user.RunInstaller("linux", argument);

        Assert.Equal(1, run.Code);
        string[] lines = run.Errors.TrimEnd().Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("ark: error: ", lines[0], StringComparison.Ordinal);
        Assert.Contains(reason, lines[0], StringComparison.Ordinal);
        Assert.StartsWith("ark: hint: ", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_the_executables_installs_nothing()
    {
        using var user = new Sandbox();
        string[] before = user.Tree();
        File.Delete(Path.Combine(user.Executables, "arkd"));

        var run = await user.Install("linux");

        Assert.Equal(1, run.Code);
        Assert.Contains("arkd is missing", run.Errors, StringComparison.Ordinal);
        Assert.Equal(before, user.Tree());
    }
}
