using System.Text;
using Ark.EndToEnd.Faults;
using Ark.Testing;
using Ark.Testing.Registries;
using Xunit;

namespace Ark.EndToEnd.Clients;

/// <summary>
/// The clients themselves against a registry that knows ECR's texts, set up by <c>ark setup</c> alone. docker has no engine behind it: it reads
/// manifests by itself, its login is judged by a stand-in for the engine, and what copies images is skopeo.
/// </summary>
public sealed class RealClientTests
{
    private const string Image = RealClient.Image;

    [Fact]
    public async Task Docker_logs_in_reads_logs_out_and_reads_again()
    {
        await using var place = await RealClient.OpenAsync("docker");

        await place.Runs("login", DaemonFixture.Host);
        for (var i = 0; i < 3; i++)
        {
            await place.Runs("manifest", "inspect", Image);
        }

        Assert.Equal(1, place.DaemonFixture.Aws.Calls(DaemonFixture.Token));
        await place.Runs("logout", DaemonFixture.Host);
        await place.Runs("manifest", "inspect", Image);

        Assert.True(place.Registry.Count(AuthOutcome.Accepted) >= 4);
        place.HoldsNoToken();
    }

    [Fact]
    public async Task Docker_logs_in_with_a_password_from_ark_and_no_engine_and_keeps_none_of_it()
    {
        await using var place = await RealClient.OpenAsync("docker");
        place.DaemonFixture.Variables["DOCKER_HOST"] = $"unix://{place.DaemonFixture.Home.Home}/no-engine";
        var password = await place.DaemonFixture.Home.RunAsync(Programs.Ark, ["token", DaemonFixture.Host]);
        Assert.True(password.ExitCode == 0, password.ErrorText);

        var login = await place.DaemonFixture.Home.RunAsync(
            place.Client, ["login", "--username", "AWS", "--password-stdin", DaemonFixture.Host], password.OutputText, TestContext.Current.CancellationToken);

        Assert.True(login.ExitCode == 0, login.ToString());
        Assert.Contains("Login Succeeded", login.OutputText, StringComparison.Ordinal);
        await place.Runs("manifest", "inspect", Image);
        Assert.Equal(1, place.DaemonFixture.Aws.Calls(DaemonFixture.Token));
        place.HoldsNoToken();
    }

    [Fact]
    public async Task Docker_shows_why_a_registry_of_ours_fails()
    {
        await using var place = await RealClient.OpenAsync("docker");
        place.DaemonFixture.Aws.Always(DaemonFixture.Token, Ark.Testing.Aws.Behavior.Deny);

        var result = await place.Run("manifest", "inspect", Image);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("ark: error: ", result.ErrorText, StringComparison.Ordinal);
        Assert.Contains("ark: hint: ", result.ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Skopeo_inspects_copies_both_ways_and_logs_out()
    {
        await using var place = await RealClient.OpenAsync("skopeo");
        var layout = System.IO.Path.Combine(place.DaemonFixture.Home.Home, "image");
        place.Registry.CreateRepository(DaemonFixture.Host, "team/copy");

        await place.Runs("inspect", $"docker://{Image}");
        await place.Runs("copy", $"docker://{Image}", $"dir:{layout}");
        await place.Runs("copy", $"dir:{layout}", $"docker://{DaemonFixture.Host}/team/copy:2.0");
        Assert.Equal(1, place.DaemonFixture.Aws.Calls(DaemonFixture.Token));
        var logout = await place.Run("logout", DaemonFixture.Host);
        Assert.True(logout.ExitCode == 0, logout.ToString());
        await place.Runs("inspect", $"docker://{DaemonFixture.Host}/team/copy:2.0");

        place.HoldsNoToken();
    }

    /// <summary>What a login leaves behind stops the client twelve hours later, in whichever of its files it is.</summary>
    [Theory]
    [InlineData("skopeo", ".config/containers/auth.json", DaemonFixture.Host)]
    [InlineData("skopeo", ".config/containers/auth.json", "https://" + DaemonFixture.Host + "/v1/")]
    [InlineData("skopeo", ".config/containers/auth.json", DaemonFixture.Host + "/team/app")]
    [InlineData("skopeo", "../run/containers/auth.json", DaemonFixture.Host)]
    [InlineData("docker", "", DaemonFixture.Host)]
    public async Task An_expired_token_in_a_file_stops_the_client_until_it_is_removed(string client, string file, string key)
    {
        await using var place = await RealClient.OpenAsync(client);
        string[] read = client == "docker" ? ["manifest", "inspect", Image] : ["inspect", $"docker://{Image}"];
        place.DaemonFixture.Aws.TokenLife = TimeSpan.FromHours(-1);
        var token = place.DaemonFixture.Aws.Issue(place.DaemonFixture.Aws.AddPrincipal("AKIAPERSON0000000000", "SENTINEL-person"));
        place.DaemonFixture.Aws.TokenLife = TimeSpan.FromHours(12);
        var login = Convert.ToBase64String(Encoding.ASCII.GetBytes($"AWS:{token.Password}"));
        var home = place.DaemonFixture.Home;
        var path = file.Length == 0 ? home.DockerConfigFile : System.IO.Path.GetFullPath(System.IO.Path.Combine(home.Home, file));
        if (client == "docker")
        {
            Assert.True((await home.RunAsync(Programs.Ark, ["setup", "--undo"])).ExitCode == 0);
        }

        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);

        const string others = """{"auths":{"quay.io":{"auth":"a2VlcDprZWVw"}TOKEN}}""";
        var cancellation = TestContext.Current.CancellationToken;
        string stale = $$""","{{key}}":{"auth":"{{login}}"}""";
        await File.WriteAllTextAsync(path, others.Replace("TOKEN", stale, StringComparison.Ordinal), cancellation);

        var stopped = await place.Run(read);
        Assert.NotEqual(0, stopped.ExitCode);
        Assert.True(place.Registry.Count(AuthOutcome.Expired) > 0, stopped.ToString());

        var removal = await home.RunAsync(Programs.Ark, ["setup", "--remove-stale-tokens"]);

        Assert.True(removal.ExitCode == 0, removal.ToString());
        Assert.Contains($"removed the ECR token for {key}, which expired at ", removal.OutputText, StringComparison.Ordinal);
        Assert.DoesNotContain(login[..40], removal.OutputText + removal.ErrorText, StringComparison.Ordinal);
        Assert.Equal(others.Replace("TOKEN", "", StringComparison.Ordinal), await File.ReadAllTextAsync(path, cancellation));
        if (client == "docker")
        {
            Assert.True((await home.RunAsync(Programs.Ark, ["setup", "--yes", DaemonFixture.Host])).ExitCode == 0);
        }

        await place.Runs(read);
    }

    /// <summary>With ark in the file that it writes, a login hands the password to ark, and there is no copy of it.</summary>
    [Fact]
    public async Task Skopeo_with_ark_in_its_own_file_logs_in_and_keeps_no_token()
    {
        await using var place = await RealClient.OpenAsync("skopeo", setUp: false);
        var home = place.DaemonFixture.Home;
        var path = System.IO.Path.Combine(home.Home, "own", "auth.json");
        place.DaemonFixture.Variables["REGISTRY_AUTH_FILE"] = path;
        var setup = await home.RunAsync(Programs.Ark, ["setup", "--yes", "--for", "skopeo", DaemonFixture.Host]);
        Assert.True(setup.ExitCode == 0, setup.ToString());
        Assert.False(File.Exists(home.DockerConfigFile));
        var password = await home.RunAsync(Programs.Ark, ["token", DaemonFixture.Host]);

        var login = await home.RunAsync(
            place.Client, ["login", "--username", "AWS", "--password-stdin", DaemonFixture.Host], password.OutputText, TestContext.Current.CancellationToken);

        Assert.True(login.ExitCode == 0, login.ToString());
        await place.Runs("inspect", $"docker://{Image}");
        place.HoldsNoToken();
        var undo = await home.RunAsync(Programs.Ark, ["setup", "--undo"]);
        Assert.True(undo.ExitCode == 0, undo.ToString());
        string left = File.Exists(path) ? await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken) : "";
        Assert.DoesNotContain("\"ark\"", left, StringComparison.Ordinal);
    }
}
