using System.Text;
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

    /// <summary>To replace it, the directory's rights would be enough, and the file would change hands.</summary>
    [Fact]
    public async Task Anothers_file_is_not_cleaned_of_tokens_although_it_could_be_replaced()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "needs root for a file of its own");
        string password = Convert.ToBase64String("""{"payload":"SENTINEL","datakey":"SENTINEL","expiration":1}"""u8);
        string login = Convert.ToBase64String(Encoding.ASCII.GetBytes($"AWS:{password}"));
        string content = $$$"""{"auths":{"h.example":{"auth":"{{{login}}}"} } }""";
        using var user = new OrdinaryUser();
        user.Write("own/auth.json", "");
        user.Variables["REGISTRY_AUTH_FILE"] = Path.Combine(user.Home, "own", "auth.json");
        await user.MoveInAsync();
        string file = user.Variables["REGISTRY_AUTH_FILE"];
        File.Delete(file);
        await File.WriteAllTextAsync(file, content, TestContext.Current.CancellationToken);

        ProgramResult result = await user.RunAsync(
            "sh", "-c", $"{user.Executables}/ark setup --remove-stale-tokens; test $? = 1");

        Assert.Contains($"stays: {file} belongs to another user", result.ErrorText, StringComparison.Ordinal);
        Assert.DoesNotContain(login, result.OutputText + result.ErrorText, StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.Equal([file], Directory.GetFileSystemEntries(Path.Combine(user.Home, "own")));
    }
}
