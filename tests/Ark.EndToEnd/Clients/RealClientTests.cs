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
}
