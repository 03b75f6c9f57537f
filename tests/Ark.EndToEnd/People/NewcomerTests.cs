using System.Runtime.Versioning;
using Ark.EndToEnd.Installing;
using Ark.Testing;
using Ark.Testing.Aws;
using Ark.Testing.Registries;
using Xunit;

namespace Ark.EndToEnd.People;

/// <summary>The first ten minutes of somebody who has an AWS profile and docker, and then the day on which ark goes again.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class NewcomerTests
{
    private const string Account = "123456789012";

    [Theory]
    [InlineData(null)]
    [InlineData("{\n\t\"detachKeys\": \"ctrl-q,q\" ,\r\n  \"auths\":{}\n}")]
    public async Task From_install_to_uninstall_every_step_does_what_it_says_and_the_home_is_as_it_was(string? dockerConfig)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "this is the installer for Linux");
        string? docker = Programs.Find("docker", Environment.GetEnvironmentVariable("PATH") ?? "");
        Assert.SkipWhen(docker is null, "docker's client is not installed");
        await using StandInAws aws = await StandInAws.StartAsync();
        await using StandInRegistry registry = await StandInRegistry.StartAsync(aws);
        await using StandInProxy proxy = StandInProxy.Start(registry);
        string host = StandInAws.RegistryHost(Account, "us-east-1");
        registry.Seed($"{host}/team/app:1");
        aws.AddPrincipal("AKIANEWCOMER00000000", "SENTINEL-secret");

        using var user = new OrdinaryUser();
        if (dockerConfig is not null)
        {
            user.Write(".docker/config.json", dockerConfig);
        }

        user.Write(".aws/credentials", "[work]\naws_access_key_id = AKIANEWCOMER00000000\naws_secret_access_key = SENTINEL-secret\n");
        user.Write(".aws/config", $"[profile work]\nregion = us-east-1\nendpoint_url = {aws.Endpoint}\n");
        user.Write("ca.pem", registry.Authority.Pem);
        user.Variables["HTTPS_PROXY"] = proxy.Endpoint.ToString().TrimEnd('/');
        user.Variables["SSL_CERT_FILE"] = Path.Combine(user.Home, "ca.pem");
        await user.MoveInAsync();
        string before = user.Inventory();

        await user.RunAsync("sh", user.Installer, "--from", user.Executables);

        ProgramResult init = await user.RunAsync("ark", "init", "--yes");
        Assert.Contains($"\"{host}\"", init.OutputText, StringComparison.Ordinal);
        Assert.EndsWith("next: ark setup\n", init.OutputText, StringComparison.Ordinal);

        await user.RunAsync("ark", "setup", "--yes");
        Assert.Contains(
            "schemaVersion", (await user.RunAsync(docker, "manifest", "inspect", $"{host}/team/app:1")).OutputText, StringComparison.Ordinal);

        // The registry behind its real name is reached through a proxy of the shell here, which the doctor would warn of.
        ProgramResult image = await user.RunAsync("ark", "doctor", $"{host}/team/app:1");
        Assert.Contains("[ OK ] image", image.OutputText, StringComparison.Ordinal);
        user.Variables.Remove("HTTPS_PROXY");
        ProgramResult doctor = await user.RunAsync("ark", "doctor");
        Assert.Contains("[ OK ] sign-in", doctor.OutputText, StringComparison.Ordinal);
        Assert.DoesNotContain("[FAIL]", doctor.OutputText, StringComparison.Ordinal);

        // The clients of this machine may be old.
        Assert.DoesNotContain(
            doctor.OutputText.Split('\n'),
            static line => line.StartsWith("[WARN]", StringComparison.Ordinal) && !line.Contains("client-versions", StringComparison.Ordinal));

        await user.RunAsync("ark", "setup", "--undo");
        ProgramResult uninstall = await user.RunAsync("sh", user.Installer, "--uninstall");
        Assert.Contains("Your configuration (~/.config/ark/config.json) stays.", uninstall.OutputText, StringComparison.Ordinal);

        await user.RunAsync("sh", "-c", "rm -r ~/.config/ark && rmdir ~/.config");
        Assert.Equal(before, user.Inventory());
    }
}
