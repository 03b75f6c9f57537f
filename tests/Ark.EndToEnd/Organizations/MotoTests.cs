using System.Text.RegularExpressions;
using Ark.Testing;
using Xunit;

namespace Ark.EndToEnd.Organizations;

/// <summary>The repository commands against somebody else's idea of AWS, where python's moto happens to be installed.</summary>
public sealed partial class MotoTests
{
    [Fact]
    public async Task Repositories_are_created_listed_located_and_deleted()
    {
        var moto = Programs.Find("moto_server", Environment.GetEnvironmentVariable("PATH") ?? "");
        Assert.SkipWhen(moto is null, "moto_server is not installed (pip install 'moto[server]')");
        Assert.SkipWhen(OperatingSystem.IsWindows(), "started through a shell, which keeps it quiet");
        Assert.SkipUnless(File.Exists(Programs.Ark), $"not published: {Programs.PublishDirectory} (run scripts/publish)");
        using var home = new TemporaryHome();
        string log = home.Write("moto.log", "");

        // It takes a port itself: one that was free a moment ago may be a neighbor's by now.
        using var server = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(
            "/bin/sh", ["-c", "log=$1; shift; exec \"$0\" \"$@\" >\"$log\" 2>&1", moto, log, "-H", "127.0.0.1", "-p", "0"]))!;
        try
        {
            await Eventually.HoldsAsync("moto", async () => Address().IsMatch(await File.ReadAllTextAsync(log)));
            string endpoint = Address().Match(await File.ReadAllTextAsync(log)).Groups[1].Value;
            home.WriteAwsCredentials("[default]\naws_access_key_id = AKIAMOTO000000000000\naws_secret_access_key = SENTINEL-moto\n");
            home.WriteConfiguration($$"""
                { "organizations": [{ "name": "tbd", "registries": [{ "hosts": ["123456789012.dkr.ecr.us-east-1.amazonaws.com"], "repositoryPrefix": "prod/tbd",
                  "source": { "type": "ecr", "endpoint": "{{endpoint}}" },
                  "repositoryDefaults": { "tagMutability": "IMMUTABLE", "tags": { "team": "a" } } }] }] }
                """);
            const string Url = "123456789012.dkr.ecr.us-east-1.amazonaws.com/prod/tbd/web";

            Assert.Equal($"{Url}\n", await Ark(home, "repo", "create", "web", "--organization", "tbd"));
            Assert.Equal($"{Url}\n", await Ark(home, "repo", "create", "web", "--organization", "tbd", "--if-not-exists"));
            Assert.Contains(Url, await Ark(home, "repo", "list"), StringComparison.Ordinal);
            Assert.Equal($"{Url}\n", await Ark(home, "repo", "url", "web", "--organization", "tbd"));
            await Ark(home, "repo", "delete", "web", "--organization", "tbd", "--yes");
            Assert.DoesNotContain(Url, await Ark(home, "repo", "list"), StringComparison.Ordinal);
        }
        finally
        {
            server.Kill(entireProcessTree: true);
        }
    }

    private static async Task<string> Ark(TemporaryHome home, params string[] arguments)
    {
        var result = await home.RunAsync(Programs.Ark, arguments);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.OutputText;
    }

    [GeneratedRegex(@"Running on (http://127\.0\.0\.1:\d+)\s")]
    private static partial Regex Address();
}
