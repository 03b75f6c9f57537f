using Ark.EndToEnd.Faults;
using Ark.Testing;
using Ark.Testing.Registries;
using Xunit;

namespace Ark.EndToEnd.Clients;

/// <summary>A household with a registry, the way to it, and the published programs on PATH.</summary>
internal sealed class RealClient : IAsyncDisposable
{
    public const string Image = Household.Host + "/team/app:1.0";

    private const string Path = "/usr/local/bin:/usr/bin:/bin";

    private readonly StandInProxy _proxy;
    private readonly StandInEngine _engine;

    private RealClient(Household household, StandInRegistry registry, StandInProxy proxy, StandInEngine engine, string client)
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

    /// <param name="name">The client's program.</param>
    /// <param name="setUp">Whether ark setup registers the host, as people do who have no map.</param>
    public static async Task<RealClient> OpenAsync(string name, bool setUp = true)
    {
        var path = $"{Environment.GetEnvironmentVariable("PATH")}:{Path}";
        var client = Programs.Find(name, path);
        Assert.SkipWhen(client is null, $"{name} is not installed (scripts/test installs docker's client and skopeo)");
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
        var opened = new RealClient(household, registry, proxy, engine, client);
        if (!setUp)
        {
            return opened;
        }

        var setup = await household.Home.RunAsync(Programs.Ark, ["setup", "--yes", "--host", Household.Host]);
        Assert.True(setup.ExitCode == 0, setup.ToString());
        return opened;
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
