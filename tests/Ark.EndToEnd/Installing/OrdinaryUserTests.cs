using Ark.Testing;
using Ark.Testing.Aws;
using Ark.Testing.Registries;
using Xunit;

namespace Ark.EndToEnd.Installing;

public sealed class OrdinaryUserTests
{
    private const string DockerConfig = "{\n\t\"detachKeys\": \"ctrl-q,q\"\n}";

    [Fact]
    public async Task Installs_pulls_and_uninstalls_without_root_and_finds_the_home_as_it_was()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "this is the installer for Linux");
        string? docker = Programs.Find("docker", Environment.GetEnvironmentVariable("PATH") ?? "");
        Assert.SkipWhen(docker is null, "docker's client is not installed");

        await using StandInAws aws = await StandInAws.StartAsync();
        await using StandInRegistry registry = await StandInRegistry.StartAsync(aws);
        await using StandInProxy proxy = StandInProxy.Start(registry);
        string host = StandInAws.RegistryHost("123456789012", "us-east-1");
        registry.Seed($"{host}/team/app:1");
        aws.AddPrincipal("AKIAORDINARYUSER0000", "SENTINEL-secret");

        using var user = new OrdinaryUser();
        user.Write(".docker/config.json", DockerConfig);
        user.Write(".aws/credentials", "[default]\naws_access_key_id = AKIAORDINARYUSER0000\naws_secret_access_key = SENTINEL-secret\n");
        user.Write("ca.pem", registry.Authority.Pem);
        user.Variables["AWS_ENDPOINT_URL"] = aws.Endpoint.ToString();
        user.Variables["HTTPS_PROXY"] = proxy.Endpoint.ToString();
        user.Variables["SSL_CERT_FILE"] = Path.Combine(user.Home, "ca.pem");
        await user.MoveInAsync();
        string before = user.Inventory();

        await user.RunAsync("sh", user.Installer, "--from", user.Executables);
        await user.RunAsync("ark", "setup", "--host", host, "--yes");
        ProgramResult manifest = await user.RunAsync(docker, "manifest", "inspect", $"{host}/team/app:1");
        Assert.Contains("schemaVersion", manifest.OutputText, StringComparison.Ordinal);
        Assert.Equal(1, aws.Calls("GetAuthorizationToken"));

        await user.RunAsync("ark", "setup", "--undo");
        Assert.Equal(DockerConfig, await File.ReadAllTextAsync(Path.Combine(user.Home, ".docker", "config.json"), TestContext.Current.CancellationToken));

        await user.RunAsync("sh", user.Installer, "--uninstall");
        Assert.Equal(before, user.Inventory());
    }
}
