using System.Diagnostics;
using System.Runtime.Versioning;
using Ark.Core.Problems;
using Ark.Core.Tokens;
using Ark.Processes;
using Xunit;

namespace Ark.Tests.Aws;

[UnsupportedOSPlatform("windows")]
public sealed class CredentialProgramTests
{
    private const string Good = """{"Version":1,"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"SENTINEL-secret-access-key"}""";

    public CredentialProgramTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "the programs are shell scripts");

    [Fact]
    public async Task What_it_prints_is_used_and_its_arguments_reach_it_unchanged()
    {
        await using SomeCaller caller = await StartAsync($"""[ "$1" = "a b" ] && [ "$2" = '$HOME;' ] && echo '{Good}'""", " \"a b\" '$HOME;'");

        Assert.Equal(caller.Somebody, (await caller.FetchAsync()).Principal);
    }

    [Fact]
    public async Task It_sees_the_callers_files_and_no_variable_of_another_identity()
    {
        await using SomeCaller caller = await StartAsync(
            $"""[ "$HOME/.aws/config" = "$AWS_CONFIG_FILE" ] && [ -z "$AWS_ENDPOINT_URL$AWS_EC2_METADATA_DISABLED$AWS_VAULT_FILE_PASSPHRASE" ] && ! read line && echo '{Good}'""");

        Assert.NotNull(await caller.FetchAsync());
    }

    [Fact]
    public async Task It_sees_for_which_profile_and_region_it_runs_and_the_callers_stores()
    {
        await using SomeCaller caller = await StartAsync(
            $"""[ "$AWS_PROFILE-$AWS_REGION-$VAULT_ADDR-$AWS_VAULT_BACKEND-$SSH_AUTH_SOCK" = program-eu-central-1-https://vault-pass-/agent ] && echo '{Good}'""");
        caller.Variables["AWS_REGION"] = "eu-central-1";
        caller.Variables["VAULT_ADDR"] = "https://vault";
        caller.Variables["AWS_VAULT_BACKEND"] = "pass";
        caller.Variables["SSH_AUTH_SOCK"] = "/agent";

        Assert.NotNull(await caller.FetchAsync());
    }

    [Fact]
    public async Task Who_has_another_store_has_another_token()
    {
        await using SomeCaller caller = await StartAsync($"echo '{Good}'");
        TokenKey key = caller.Found().Key;
        Assert.Equal(key, caller.Found().Key);

        caller.Variables["AWS_VAULT_BACKEND"] = "pass";

        Assert.NotEqual(key, caller.Found().Key);
    }

    [Theory]
    [InlineData("~/my program.sh")]
    [InlineData("$HOME/my program.sh")]
    [InlineData("${HOME}/my program.sh")]
    public async Task The_home_stands_where_a_shell_would_put_it(string name)
    {
        await using SomeCaller caller = await StartAsync($"""[ "$1$2$3$4" = "$HOME/a-f=$HOME/b~c\$HOME" ] && echo '{Good}'""");
        caller.Home.WriteAwsConfig($"[profile program]\ncredential_process = \"{name}\" ~/a -f=$HOME/b ~c $HOME\n");

        Assert.Equal(caller.Somebody, (await caller.FetchAsync()).Principal);
    }

    [Theory]
    [InlineData("echo first >&2; echo 'vault is locked' >&2", "exit code 3: vault is locked")]
    [InlineData("printf 'no line end' >&2", "exit code 3: no line end")]
    [InlineData("printf 'a\\033[31mb\\r\\n\\n' >&2", "exit code 3: a [31mb")]
    [InlineData("echo 'key wJalrXUtnFEMI/K7MDENG/bPxRfiCYSENTINELKEY refused' >&2", "exit code 3: key … refused")]
    [InlineData("echo 'token hvs.CAESISENTINEL0abcdefghi refused' >&2", "exit code 3: token hvs.… refused")]
    [InlineData("echo SENTINEL; exit 3; echo no >&2", "exit code 3")]
    public async Task The_last_line_that_it_wrote_before_it_failed_is_shown_without_keys(string script, string said)
    {
        await using SomeCaller caller = await StartAsync($"{script}; exit 3");

        Assert.EndsWith(said, (await caller.FailAsync()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo SENTINEL-stderr >&2; echo no >&2; echo SENTINEL-stdout; exit 3", ProblemKind.NoCredentials, "exit code 3: no")]
    [InlineData("echo SENTINEL", ProblemKind.BadAnswer, "not JSON")]
    [InlineData("echo '[1]'", ProblemKind.BadAnswer, "version 1")]
    [InlineData("""echo '{"Version":2,"AccessKeyId":"a","SecretAccessKey":"SENTINEL"}'""", ProblemKind.BadAnswer, "version 1")]
    [InlineData("""echo '{"Version":"1","AccessKeyId":"a","SecretAccessKey":"SENTINEL"}'""", ProblemKind.BadAnswer, "version 1")]
    [InlineData("""echo '{"Version":1,"AccessKeyId":"a"}'""", ProblemKind.BadAnswer, "version 1")]
    [InlineData(
        """echo '{"Version":1,"AccessKeyId":"a","SecretAccessKey":"SENTINEL","Expiration":"2001-01-01T00:00:00Z"}'""", ProblemKind.CredentialsRejected, "expired")]
    [InlineData("yes SENTINEL", ProblemKind.BadAnswer, "64 KiB")]
    [InlineData("yes SENTINEL >&2 & exec 2>&-; kill -9 $$", ProblemKind.NoCredentials, "exit code 137")]
    public async Task What_goes_wrong_is_told_without_what_it_printed(string script, ProblemKind kind, string why)
    {
        await using SomeCaller caller = await StartAsync(script);

        Problem problem = await caller.FailAsync();

        Assert.Equal(kind, problem.Kind);
        Assert.Contains("'program'", problem.Message, StringComparison.Ordinal);
        Assert.Contains(why, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo SENTINEL | cat")]
    [InlineData("$(which broker) get")]
    [InlineData("cd /tmp; ./broker get")]
    public async Task A_line_that_only_a_shell_understands_says_how_to_write_it(string line)
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.WriteAwsConfig($"[default]\ncredential_process = {line}\n");

        Assert.Equal("ark runs no shell: write it as /bin/sh -c 'the whole line'", (await caller.FailAsync()).Hint);
    }

    [Fact]
    public async Task One_that_cannot_be_started_is_a_mistake_in_the_profile()
    {
        await using SomeCaller caller = await StartAsync("");
        caller.Home.WriteAwsConfig("[profile program]\ncredential_process = /nowhere/SENTINEL --secret SENTINEL\n");

        Assert.Equal(ProblemKind.BadSetting, (await caller.FailAsync()).Kind);
    }

    [Fact]
    public async Task A_bare_name_is_found_on_the_daemons_PATH_where_it_can_be_executed()
    {
        await using SomeCaller caller = await StartAsync("");
        caller.Home.Write("bin/credentials", "no program");
        caller.Home.WriteScript("sbin/credentials", $"#!/bin/sh\necho '{Good}'\n");
        caller.Home.WriteAwsConfig("[profile program]\ncredential_process = credentials\n");

        Assert.Equal(caller.Somebody, (await caller.FetchAsync()).Principal);
    }

    [Theory]
    [InlineData(".aws/config")]
    [InlineData(".aws")]
    public async Task A_program_is_not_run_where_others_could_have_named_it(string loose)
    {
        await using SomeCaller caller = await StartAsync($"echo '{Good}'");
        string path = Path.Combine(caller.Home.Home, loose);
        File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.OtherWrite);

        Problem problem = caller.Refused();

        Assert.Equal(ProblemKind.BadSetting, problem.Kind);
        Assert.Contains($"{path} can be written by others", problem.Message, StringComparison.Ordinal);
        Assert.Contains($"chmod go-w {path}", problem.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_in_a_file_that_others_can_write_are_used_all_the_same()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        string file = caller.Home.WriteAwsCredentials(
            $"[default]\naws_access_key_id = {SomeCaller.KeyId}\naws_secret_access_key = {SomeCaller.Secret}\n");
        File.SetUnixFileMode(file, File.GetUnixFileMode(file) | UnixFileMode.OtherWrite);

        Assert.Equal(caller.Somebody, (await caller.FetchAsync()).Principal);
    }

    [Theory]
    [InlineData("credentials")]
    [InlineData("./credentials")]
    [InlineData("sbin/credentials")]
    public async Task A_program_is_never_looked_for_in_a_directory_that_happens_to_be_current(string name)
    {
        await using SomeCaller caller = await StartAsync("");
        caller.Home.WriteScript("credentials", $"#!/bin/sh\necho '{Good}'\n");
        caller.Home.WriteAwsConfig($"[profile program]\ncredential_process = {name}\n");

        Problem problem = await caller.FailAsync();

        Assert.Equal(ProblemKind.BadSetting, problem.Kind);
        Assert.Contains("full path", problem.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_beside_the_daemon_is_not_taken_for_one_on_the_PATH()
    {
        string beside = Path.GetFileName(Directory.EnumerateFiles(AppContext.BaseDirectory).First());

        Assert.Null(new ProgramSearch(null).Find(beside));
        Assert.Null(new ProgramSearch("").Find(beside));
        Assert.Null(new ProgramSearch(".").Find(beside));
    }

    [Fact]
    public async Task One_that_hangs_is_ended_after_ten_seconds_with_its_children()
    {
        await using SomeCaller caller = await StartAsync("exec 3>\"$HOME/alive\"; echo started >&3; sleep 1000; true");
        string alive = Path.Combine(caller.Home.Home, "alive");
        using (Process mkfifo = Process.Start("mkfifo", [alive]))
        {
            await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Task<FetchOutcome> fetch = caller.Found().FetchAsync(TestContext.Current.CancellationToken);
        using StreamReader pipe = await Task.Run(() => new StreamReader(alive), TestContext.Current.CancellationToken);
        Assert.Equal("started", await pipe.ReadLineAsync(TestContext.Current.CancellationToken));

        caller.Clock.Limits.Advance(TimeSpan.FromSeconds(10));

        Problem problem = SomeCaller.WithoutSecrets(Assert.IsType<FetchOutcome.Failed>(await fetch).Problem);
        Assert.Contains("ten seconds", problem.Message, StringComparison.Ordinal);

        // The pipe ends when nobody holds its other end: neither the script nor the program that it started.
        Assert.Null(await pipe.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    private static async Task<SomeCaller> StartAsync(string script, string arguments = "")
    {
        SomeCaller caller = await SomeCaller.StartAsync();
        caller.Clock.IsPatient = true;
        string program = caller.Home.WriteScript("my program.sh", $"#!/bin/sh\n{script}\n");
        caller.Home.WriteAwsConfig($"[profile program]\ncredential_process = \"{program}\"{arguments}\n");
        caller.Variables["AWS_PROFILE"] = "program";
        return caller;
    }
}
