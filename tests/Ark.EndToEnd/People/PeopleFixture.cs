using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using Ark.Testing;
using Ark.Testing.Aws;
using Xunit;

namespace Ark.EndToEnd.People;

/// <summary>
/// Somebody who works for two organizations, acme and beta, that share a registry host: each has a role and a prefix of its own, and acme is
/// the default. The published programs are links in <c>~/.local/bin</c>, and commands go through a shell, as people type them.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class PeopleFixture : IAsyncDisposable
{
    public const string Host = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
    public const string Acme = "2ea25035-6aa4-42fb-9955-92288ea1b972", AcmePrefix = $"prod/{Acme}", AcmeRole = "arn:aws:iam::123456789012:role/acme";
    public const string Beta = "5b1c7f0e-91d4-4d0c-8a35-0c1a5f1f7c11", BetaPrefix = $"prod/{Beta}", BetaRole = "arn:aws:iam::123456789012:role/beta";
    public const string NotFound = "credentials not found in native keychain\n";

    private const string Key = "AKIANEIGHBOUR0000000", Secret = "SENTINEL-neighbour-key", ExternalId = "acme-and-us";

    private PeopleFixture(StandInAws aws) => Aws = aws;

    public StandInAws Aws { get; }

    public TemporaryHome Home { get; } = new();

    /// <summary>Where the programs are, first on PATH.</summary>
    public string Bin => Path.Combine(Home.Home, ".local", "bin");

    /// <param name="betaWorks">Whether beta's role may be assumed.</param>
    public static async Task<PeopleFixture> StartAsync(bool betaWorks = true)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs sh and links");
        Assert.SkipUnless(File.Exists(Programs.Daemon), $"not published: {Programs.PublishDirectory} (run scripts/publish)");
        var user = new PeopleFixture(await StandInAws.StartAsync());
        user.Aws.AddPrincipal(Key, Secret);
        user.Aws.AddRole(AcmeRole, ExternalId);
        if (betaWorks)
        {
            user.Aws.AddRole(BetaRole);
        }

        user.Home.WriteAwsCredentials($"[work]\naws_access_key_id = {Key}\naws_secret_access_key = {Secret}\n");
        user.Home.WriteAwsConfig($"[profile work]\nregion = us-east-1\nendpoint_url = {user.Aws.Endpoint}\n");
        user.Home.WriteConfiguration(user.Configuration);
        foreach (var program in (string[])[Programs.Ark, Programs.Helper])
        {
            user.Link(Path.GetFileName(program), program);
        }

        user.Link("ark-catalog-container-tool", "ark");
        user.Home.Variables["PATH"] = $"{user.Bin}:/usr/local/bin:/usr/bin:/bin";
        return user;
    }

    private string Configuration => JsonSerializer.Serialize(new
    {
        defaultOrganization = "acme",
        organizations = new[]
        {
            new { id = Acme, name = "acme", registries = new[] { Registry(AcmePrefix, AcmeRole, ExternalId) } },
            new { id = Beta, name = "beta", registries = new[] { Registry(BetaPrefix, BetaRole, null) } },
        },
    });

    /// <summary>Runs a line as a shell does.</summary>
    public Task<ProgramResult> Types(string line, string input = "") => Home.RunAsync("/bin/sh", ["-c", line], input);

    /// <summary>A line that must succeed and say nothing but its result; the result.</summary>
    public async Task<string> Gets(string line, string input = "")
    {
        var result = await Types(line, input);
        Assert.True(result.ExitCode == 0 && result.Error.Length == 0, $"{line}: {result}");
        return result.OutputText;
    }

    /// <summary>The only password of that session's role, which must have been issued by now.</summary>
    public IssuedToken TokenOf(string role) => Assert.Single(Aws.Issued, token => token.Principal.Arn.Contains($":assumed-role/{role}/", StringComparison.Ordinal));

    /// <summary>No password that was given out is in a file of this home, or in any of these texts.</summary>
    public void HoldNoPassword(params IEnumerable<string> texts)
    {
        Assert.NotEmpty(Aws.Issued);
        var files = Directory.EnumerateFiles(Home.Home, "*", SearchOption.AllDirectories).Where(file => new FileInfo(file) is { LinkTarget: null, Length: > 0 }).ToList();
        Assert.Contains(files, file => Path.GetFileName(file) == "arkd.log");
        foreach (var text in texts.Concat(files.Select(File.ReadAllText)))
        {
            Assert.DoesNotContain(Aws.Issued, token => Forms(token.Password).Any(form => text.Contains(form, StringComparison.Ordinal)));
        }
    }

    /// <summary>Every path below the home with its content or where it leads, but for the daemon's log: equal when nothing else has changed.</summary>
    public string[] Everything() =>
        [.. Directory.EnumerateFileSystemEntries(Home.Home, "*", SearchOption.AllDirectories)
            .Where(path => !OfTheLog.Contains(Path.GetRelativePath(Home.Home, path))).Order(StringComparer.Ordinal)
            .Select(path => new FileInfo(path) is { LinkTarget: { } target } ? $"{path} -> {target}"
                : Directory.Exists(path) ? path
                : $"{path} {File.GetUnixFileMode(path)} {File.ReadAllText(path)}")];

    public async ValueTask DisposeAsync()
    {
        Home.Dispose();
        await Aws.DisposeAsync();
    }

    /// <summary>The daemon makes these a moment after it has answered.</summary>
    private static readonly string[] OfTheLog = [".local/state", ".local/state/ark", ".local/state/ark/arkd.log"];

    private object Registry(string repositoryPrefix, string roleArn, string? externalId) => new
    {
        hosts = new[] { Host },
        repositoryPrefix,
        source = new { type = "ecr", profile = "work", roleArn, externalId, endpoint = $"{Aws.Endpoint}" },
    };

    /// <summary>As it is, and as base64 would carry it wherever it begins.</summary>
    private static IEnumerable<string> Forms(string password) =>
        [password[200..260], .. ((string[])["", "x", "xx"]).Select(before => Convert.ToBase64String(Encoding.ASCII.GetBytes(before + password[200..260]))[4..40])];

    private void Link(string name, string target)
    {
        Directory.CreateDirectory(Bin);
        File.CreateSymbolicLink(Path.Combine(Bin, name), target);
    }
}
