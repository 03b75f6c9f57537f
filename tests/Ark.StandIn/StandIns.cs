using System.Net;
using System.Net.NetworkInformation;
using Ark.Testing.Aws;
using Ark.Testing.Registries;

namespace Ark.StandIn;

/// <summary>AWS, a registry with the proxy and the engine that lead to it, and the control address for scripts, all on loopback.</summary>
internal sealed class StandIns : IAsyncDisposable
{
    private const string AccessKeyId = "AKIASTANDINEXAMPLE00";
    private const string Secret = "SENTINEL-stand-in-secret-access-key";
    private const string Role = "stand-in";
    private const string PortalToken = "SENTINEL-stand-in-portal-token";

    private readonly StandInAws _aws;
    private readonly InstanceMetadataApi _metadata;
    private readonly StandInRegistry _registry;
    private readonly StandInProxy _proxy;
    private readonly StandInEngine _engine;
    private readonly Control _control;
    private readonly string _authorityFile;
    private readonly List<IAsyncDisposable> _machine = [];

    private StandIns(
        StandInAws aws,
        InstanceMetadataApi metadata,
        StandInRegistry registry,
        StandInProxy proxy,
        StandInEngine engine,
        Control control,
        string authorityFile)
    {
        _aws = aws;
        _metadata = metadata;
        _registry = registry;
        _proxy = proxy;
        _engine = engine;
        _control = control;
        _authorityFile = authorityFile;
    }

    /// <summary>What a client must have in its environment, and where the control address is.</summary>
    public IEnumerable<(string Name, string Value)> Variables =>
    [
        ("AWS_ENDPOINT_URL", Address(_aws.Endpoint)),
        ("AWS_ACCESS_KEY_ID", AccessKeyId),
        ("AWS_SECRET_ACCESS_KEY", Secret),
        ("HTTPS_PROXY", Address(_proxy.Endpoint)),
        ("SSL_CERT_FILE", _authorityFile),
        ("DOCKER_HOST", Address(_engine.Endpoint)),
        ("ARK_STANDIN_METADATA", _metadata.Endpoint),
        ("ARK_STANDIN_REGISTRY", Address(_registry.Endpoint)),
        ("ARK_STANDIN_CONTROL", Address(_control.Endpoint)),
    ];

    public static async Task<StandIns> StartAsync(Options options)
    {
        var aws = await StandInAws.StartAsync();
        aws.TokenLife = options.TokenLife;
        var registry = await StandInRegistry.StartAsync(aws);
        foreach (var image in options.Images)
        {
            registry.Seed(image);
            registry.Share(image.Split('.')[0], Account(options));
        }

        aws.AddPrincipal(AccessKeyId, Secret, account: Account(options));
        for (var number = 1; number <= options.Principals; number++)
        {
            aws.AddPrincipal($"AKIASTANDINNUMBER{number:00000}", Secret, account: Account(options));
        }

        string role = $"arn:aws:iam::{Account(options)}:role/{Role}";
        aws.AddRole(role);
        aws.AddSsoSession(PortalToken, null, DateTimeOffset.UtcNow.AddHours(8), role);
        var metadata = await InstanceMetadataApi.StartAsync(
            aws.AddPrincipal("ASIASTANDININSTANCE0", Secret, "SENTINEL-stand-in-session", Account(options), "instance"));

        Directory.CreateDirectory(options.Directory);
        var authorityFile = Path.Combine(options.Directory, "ca.pem");
        await File.WriteAllTextAsync(authorityFile, registry.Authority.Pem);

        var standIns = new StandIns(
            aws,
            metadata,
            registry,
            StandInProxy.Start(registry),
            await StandInEngine.StartAsync(registry),
            await Control.StartAsync(aws, metadata, registry),
            authorityFile);
        standIns.RefuseAnyOtherInterface();
        if (options.IsMachine)
        {
            await standIns.BeMachineAsync(Account(options));
        }

        return standIns;
    }

    /// <summary>Answers at the addresses that instances and containers of AWS have, where nobody but this machine can reach them.</summary>
    private async Task BeMachineAsync(string account)
    {
        if (NetworkInterface.GetAllNetworkInterfaces().Any(each => each.NetworkInterfaceType != NetworkInterfaceType.Loopback))
        {
            throw new InvalidOperationException("--machine is for a network namespace that has nothing but loopback");
        }

        var session = _aws.AddPrincipal("ASIASTANDINMACHINE00", Secret, "SENTINEL-stand-in-machine", account, "machine");
        foreach (string address in (string[])["169.254.169.254", "fd00:ec2::254"])
        {
            _machine.Add(await InstanceMetadataApi.StartAsync(session, at: new IPEndPoint(IPAddress.Parse(address), 80)));
        }

        _machine.Add(await ContainerApi.StartAsync(session, at: new IPEndPoint(IPAddress.Parse("169.254.170.2"), 80)));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var each in _machine)
        {
            await each.DisposeAsync();
        }

        await _control.DisposeAsync();
        await _engine.DisposeAsync();
        await _proxy.DisposeAsync();
        await _registry.DisposeAsync();
        await _metadata.DisposeAsync();
        await _aws.DisposeAsync();
    }

    /// <summary>The keys belong to the account of the first image; the registries of the others are shared with it.</summary>
    private static string Account(Options options) => options.Images.Count == 0 ? "123456789012" : options.Images[0].Split('.')[0];

    private static string Address(Uri endpoint) => endpoint.ToString().TrimEnd('/');

    /// <summary>A stand-in that others on the network can reach would hand out keys, so it does not run at all.</summary>
    private void RefuseAnyOtherInterface()
    {
        Uri[] all =
            [_aws.Endpoint, new(_metadata.Endpoint), _registry.Endpoint, _proxy.Endpoint, _engine.Endpoint, _control.Endpoint];
        foreach (var endpoint in all)
        {
            if (!IPAddress.TryParse(endpoint.Host, out var address) || !IPAddress.IsLoopback(address))
            {
                throw new InvalidOperationException($"{endpoint} is not loopback");
            }
        }
    }
}
