using System.Runtime.Versioning;
using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Testing;
using Ark.Tests.Wire;
using Xunit;

namespace Ark.Tests.Aws;

/// <summary>AWS's files in places where another user could change them: nothing runs from there, and what runs nothing is served.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class LooseFileTests : IDisposable
{
    private const string Keys = $"[default]\naws_access_key_id = {SomeCaller.KeyId}\naws_secret_access_key = {SomeCaller.Secret}\n";
    private const string Program = "[default]\ncredential_process = /bin/echo SENTINEL\n";

    private readonly SomeDirectory? _some;

    public LooseFileTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "modes and owners are Unix's");
        _some = new SomeDirectory();
    }

    public void Dispose() => _some?.Dispose();

    [Theory]
    [InlineData(".aws/config")]
    [InlineData(".aws")]
    [InlineData("")]
    public async Task A_credential_process_from_a_file_that_others_could_change_is_not_run(string loose)
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.WriteAwsConfig(Program);
        Assert.Equal("profile default", caller.Found().Identity);
        string place = Path.Combine(caller.Home.Home, loose).TrimEnd('/');
        UnixFileMode sound = File.GetUnixFileMode(place);

        File.SetUnixFileMode(place, sound | UnixFileMode.OtherWrite);
        caller.Home.WriteAwsCredentials("[other]\nregion = eu-west-1\n");
        File.SetUnixFileMode(place, sound | UnixFileMode.OtherWrite);
        Problem problem = caller.Refused();

        Assert.Equal(ProblemKind.BadSetting, problem.Kind);
        Assert.Contains($"{place} can be written by others", problem.Message, StringComparison.Ordinal);
        Assert.Equal($"close it with: chmod go-w {place}", problem.Hint);

        File.SetUnixFileMode(place, sound);
        Assert.Equal("profile default", caller.Found().Identity);
    }

    [Theory]
    [InlineData("AWS_CONFIG_FILE")]
    [InlineData("AWS_SHARED_CREDENTIALS_FILE")]
    public async Task As_root_another_users_file_runs_nothing_and_its_keys_are_served(string variable)
    {
        Assert.SkipUnless(SomeDirectory.CanChangeOwners, "only root can give a file to another user");
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Variables[variable] = _some!.MakeForeignFile("file");

        await File.WriteAllTextAsync(_some.Sub("file"), Program, TestContext.Current.CancellationToken);
        Assert.Contains($"{_some.Sub("file")} belongs to another user", caller.Refused().Message, StringComparison.Ordinal);

        await File.WriteAllTextAsync(_some.Sub("file"), Keys, TestContext.Current.CancellationToken);
        Assert.Equal(caller.Somebody, (await caller.FetchAsync()).Principal);
    }

    [Fact]
    public async Task Static_keys_from_a_loose_home_are_served_with_a_warning_that_changes_with_the_file()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.WriteAwsCredentials(Keys);
        Assert.Null(Warning(caller));

        File.SetUnixFileMode(caller.Home.Home, (UnixFileMode)0x1FF);
        caller.Home.Write(".aws/credentials", Keys + "region = eu-west-1\n");
        SourceWarning? first = Warning(caller);

        Assert.Contains(
            $"{caller.Home.Home} can be written by others (mode 777); close it with: chmod go-w {caller.Home.Home}",
            first?.Text,
            StringComparison.Ordinal);
        Assert.Equal(first, Warning(caller));
        Assert.Equal(caller.Somebody, (await caller.FetchAsync()).Principal);

        caller.Home.Write(".aws/credentials", Keys);
        Assert.NotEqual(first, Warning(caller));
    }

    [Fact]
    public async Task A_web_identity_token_in_a_loose_place_is_used_with_a_warning()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Variables["AWS_ROLE_ARN"] = "arn:aws:iam::123456789012:role/web";
        caller.Variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = caller.Home.Write("tokens/token", "eyJ");
        Assert.Null(Warning(caller));

        string directory = Path.Combine(caller.Home.Home, "tokens");
        File.SetUnixFileMode(directory, (UnixFileMode)0x1FF);

        Assert.Contains($"{directory} can be written by others", Warning(caller)?.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_credential_process_starts_at_the_root_where_the_home_is_everybodys()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Clock.IsPatient = true;
        using var elsewhere = new SomeDirectory();
        string script = elsewhere.Sub("script");
        await File.WriteAllTextAsync(
            script,
            $$"""
            #!/bin/sh
            pwd > "{{elsewhere.Sub("pwd")}}"
            echo '{"Version":1,"AccessKeyId":"{{SomeCaller.KeyId}}","SecretAccessKey":"{{SomeCaller.Secret}}"}'

            """,
            TestContext.Current.CancellationToken);
        ExecutableFile.Make(script);
        await File.WriteAllTextAsync(
            elsewhere.Sub("config"), $"[default]\ncredential_process = {script}\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(elsewhere.Sub("config"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        caller.Variables["AWS_CONFIG_FILE"] = elsewhere.Sub("config");
        File.SetUnixFileMode(caller.Home.Home, (UnixFileMode)0x1FF);

        await caller.FetchAsync();

        Assert.Equal("/\n", await File.ReadAllTextAsync(elsewhere.Sub("pwd"), TestContext.Current.CancellationToken));
    }

    private static SourceWarning? Warning(SomeCaller caller) => Assert.IsType<SourceOutcome.Found>(caller.For()).Warning;
}
