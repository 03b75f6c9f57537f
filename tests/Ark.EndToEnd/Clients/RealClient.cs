using Ark.EndToEnd.Faults;
using Ark.Testing;
using Ark.Testing.Registries;
using Xunit;

namespace Ark.EndToEnd.Clients;

/// <summary>A fixture with a registry, the way to it, and the published programs on PATH.</summary>
internal sealed class RealClient : IAsyncDisposable
{
    public const string Image = DaemonFixture.Host + "/team/app:1.0";

    private const string Path = "/usr/local/bin:/usr/bin:/bin";

    private readonly StandInProxy _proxy;
    private readonly StandInEngine _engine;

    private RealClient(DaemonFixture fixture, StandInRegistry registry, StandInProxy proxy, StandInEngine engine, string client)
    {
        DaemonFixture = fixture;
        Registry = registry;
        _proxy = proxy;
        _engine = engine;
        Client = client;
    }

    public string Client { get; }

    public DaemonFixture DaemonFixture { get; }

    public StandInRegistry Registry { get; }

    /// <param name="name">The client's program.</param>
    /// <param name="setUp">Whether ark setup registers the host, as people do who have no configuration.</param>
    public static async Task<RealClient> OpenAsync(string name, bool setUp = true)
    {
        var path = $"{Environment.GetEnvironmentVariable("PATH")}:{Path}";
        var client = Programs.Find(name, path);
        Assert.SkipWhen(client is null, $"{name} is not installed (scripts/test installs docker's client and skopeo)");
        var fixture = await DaemonFixture.StartAsync();
        var registry = await StandInRegistry.StartAsync(fixture.Aws);
        registry.Seed(Image);
        var proxy = StandInProxy.Start(registry);
        var engine = await StandInEngine.StartAsync(registry);
        fixture.Variables["PATH"] = $"{Programs.PublishDirectory}:{Path}";
        fixture.Variables["HTTPS_PROXY"] = proxy.Endpoint.ToString().TrimEnd('/');
        fixture.Variables["DOCKER_HOST"] = engine.Endpoint.ToString().TrimEnd('/');
        fixture.Variables["SSL_CERT_FILE"] = fixture.Home.Write("ca.pem", registry.Authority.Pem);
        fixture.Variables["TMPDIR"] = fixture.Home.Home;
        fixture.Home.Write(".config/containers/policy.json", """{"default":[{"type":"insecureAcceptAnything"}]}""");
        var opened = new RealClient(fixture, registry, proxy, engine, client);
        if (!setUp)
        {
            return opened;
        }

        var setup = await fixture.Home.RunAsync(Programs.Ark, ["setup", "--yes", "--host", DaemonFixture.Host]);
        Assert.True(setup.ExitCode == 0, setup.ToString());
        return opened;
    }

    public Task<ProgramResult> Run(params string[] arguments) => DaemonFixture.Home.RunAsync(Client, arguments);

    public async Task Runs(params string[] arguments)
    {
        var result = await Run(arguments);
        Assert.True(result.ExitCode == 0, $"{string.Join(' ', arguments)}: {result}");
    }

    public void HoldsNoToken()
    {
        var passwords = DaemonFixture.Aws.Issued.Select(token => token.Password).ToList();
        Assert.NotEmpty(passwords);
        Assert.All(
            Directory.EnumerateFiles(DaemonFixture.Home.Home, "*", SearchOption.AllDirectories).Where(file => new FileInfo(file).Length is > 0 and < 1 << 22),
            file => Assert.DoesNotContain(passwords, password => File.ReadAllText(file).Contains(password[..60], StringComparison.Ordinal)));
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _proxy.DisposeAsync();
        await Registry.DisposeAsync();
        await DaemonFixture.DisposeAsync();
    }
}
