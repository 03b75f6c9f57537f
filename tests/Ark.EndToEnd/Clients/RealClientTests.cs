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
    private const string Image = Household.Host + "/team/app:1.0";
    private const string Path = "/usr/local/bin:/usr/bin:/bin";

    [Fact]
    public async Task Docker_logs_in_reads_logs_out_and_reads_again()
    {
        await using var place = await Place.OpenAsync("docker");

        await place.Runs("login", Household.Host);
        for (var i = 0; i < 3; i++)
        {
            await place.Runs("manifest", "inspect", Image);
        }

        Assert.Equal(1, place.Household.Aws.Calls(Household.Token));
        await place.Runs("logout", Household.Host);
        await place.Runs("manifest", "inspect", Image);

        Assert.True(place.Registry.Count(AuthOutcome.Accepted) >= 4);
        place.HoldsNoToken();
    }

    [Fact]
    public async Task Docker_logs_in_with_a_password_from_ark_and_no_engine_and_keeps_none_of_it()
    {
        await using var place = await Place.OpenAsync("docker");
        place.Household.Variables["DOCKER_HOST"] = $"unix://{place.Household.Home.Home}/no-engine";
        var password = await place.Household.Home.RunAsync(Programs.Ark, ["token", Household.Host]);
        Assert.True(password.ExitCode == 0, password.ErrorText);

        var login = await place.Household.Home.RunAsync(
            place.Client, ["login", "--username", "AWS", "--password-stdin", Household.Host], password.OutputText, TestContext.Current.CancellationToken);

        Assert.True(login.ExitCode == 0, login.ToString());
        Assert.Contains("Login Succeeded", login.OutputText, StringComparison.Ordinal);
        await place.Runs("manifest", "inspect", Image);
        Assert.Equal(1, place.Household.Aws.Calls(Household.Token));
        place.HoldsNoToken();
    }

    [Fact]
    public async Task Docker_shows_why_a_registry_of_ours_fails()
    {
        await using var place = await Place.OpenAsync("docker");
        place.Household.Aws.Always(Household.Token, Ark.Testing.Aws.Behaviour.Deny);

        var result = await place.Run("manifest", "inspect", Image);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("ark: error: ", result.ErrorText, StringComparison.Ordinal);
        Assert.Contains("ark: hint: ", result.ErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Skopeo_inspects_copies_both_ways_and_logs_out()
    {
        await using var place = await Place.OpenAsync("skopeo");
        var layout = System.IO.Path.Combine(place.Household.Home.Home, "image");
        place.Registry.CreateRepository(Household.Host, "team/copy");

        await place.Runs("inspect", $"docker://{Image}");
        await place.Runs("copy", $"docker://{Image}", $"dir:{layout}");
        await place.Runs("copy", $"dir:{layout}", $"docker://{Household.Host}/team/copy:2.0");
        Assert.Equal(1, place.Household.Aws.Calls(Household.Token));
        var logout = await place.Run("logout", Household.Host);
        Assert.True(logout.ExitCode == 0, logout.ToString());
        await place.Runs("inspect", $"docker://{Household.Host}/team/copy:2.0");

        place.HoldsNoToken();
    }

    /// <summary>A household with a registry, the way to it, and the published programs on PATH.</summary>
    private sealed class Place : IAsyncDisposable
    {
        private readonly StandInProxy _proxy;
        private readonly StandInEngine _engine;

        private Place(Household household, StandInRegistry registry, StandInProxy proxy, StandInEngine engine, string client)
        {
            Household = household;
            Registry = registry;
            _proxy = proxy;
            _engine = engine;
            Client = client;
        }

        public string Client { get; }

        public Household Household { get; }

        public StandInRegistry Registry { get; }

        public static async Task<Place> OpenAsync(string name)
        {
            var path = $"{Environment.GetEnvironmentVariable("PATH")}:{Path}";
            var client = Programs.Find(name, path);
            Assert.SkipWhen(client is null, $"{name} is not installed (scripts/test installs it)");
            var household = await Household.StartAsync();
            var registry = await StandInRegistry.StartAsync(household.Aws);
            registry.Seed(Image);
            var proxy = StandInProxy.Start(registry);
            var engine = await StandInEngine.StartAsync(registry);
            household.Variables["PATH"] = $"{Programs.PublishDirectory}:{Path}";
            household.Variables["HTTPS_PROXY"] = proxy.Endpoint.ToString().TrimEnd('/');
            household.Variables["DOCKER_HOST"] = engine.Endpoint.ToString().TrimEnd('/');
            household.Variables["SSL_CERT_FILE"] = household.Home.Write("ca.pem", registry.Authority.Pem);
            household.Variables["TMPDIR"] = household.Home.Home;
            household.Home.Write(".config/containers/policy.json", """{"default":[{"type":"insecureAcceptAnything"}]}""");
            var place = new Place(household, registry, proxy, engine, client);
            var setup = await household.Home.RunAsync(Programs.Ark, ["setup", "--yes", "--host", Household.Host]);
            Assert.True(setup.ExitCode == 0, setup.ToString());
            return place;
        }

        public Task<ProgramResult> Run(params string[] arguments) => Household.Home.RunAsync(Client, arguments);

        public async Task Runs(params string[] arguments)
        {
            var result = await Run(arguments);
            Assert.True(result.ExitCode == 0, $"{string.Join(' ', arguments)}: {result}");
        }

        public void HoldsNoToken()
        {
            var passwords = Household.Aws.Issued.Select(token => token.Password).ToList();
            Assert.NotEmpty(passwords);
            Assert.All(
                Directory.EnumerateFiles(Household.Home.Home, "*", SearchOption.AllDirectories).Where(file => new FileInfo(file).Length is > 0 and < 1 << 22),
                file => Assert.DoesNotContain(passwords, password => File.ReadAllText(file).Contains(password[..60], StringComparison.Ordinal)));
        }

        public async ValueTask DisposeAsync()
        {
            await _engine.DisposeAsync();
            await _proxy.DisposeAsync();
            await Registry.DisposeAsync();
            await Household.DisposeAsync();
        }
    }
}
