using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Ark.Testing;
using Ark.Testing.Aws;
using Xunit;

namespace Ark.Tests.Architecture;

/// <summary>
/// How many files of <c>src</c> have code that runs for one warm <c>get</c>, counted by running it: the helper from its start to its end,
/// and of the daemon what runs at each of many requests for one host. The host has an organization and an AWS profile, which is the longest
/// way. The files are in the test's output, as with <c>-showLiveOutput -class Ark.Tests.Architecture.WayOfAGetTests</c>.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class WayOfAGetTests(ITestOutputHelper output) : IDisposable
{
    private const string Host = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
    private const string KeyId = "AKIAIOSFODNN7EXAMPLE", Secret = "SENTINEL-secret-access-key";

    /// <summary>
    /// How often a method has to be called until the runtime optimizes it: no method of a start with few settings comes so far.
    /// </summary>
    private const int Often = 1000;

    /// <summary>The bar is 50.</summary>
    private const int Most = 75;

    private static readonly SourceFiles Sources = new();

    private readonly TemporaryHome _home = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The runtime that runs this test.</summary>
    private static string Dotnet => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    private string SocketPath => Path.Combine(_home.DaemonDirectory, "arkd.sock");

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task A_warm_get_is_followed_through_few_files()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sockets and signals");
        Assert.SkipWhen(
            typeof(Core.Tokens.TokenCache).Assembly.GetCustomAttribute<DebuggableAttribute>()?.IsJITOptimizerDisabled == true,
            "a Debug build, of which the runtime optimizes nothing; build with -c Release");
        await using StandInAws aws = await StandInAws.StartAsync();
        aws.AddPrincipal(KeyId, Secret);
        WriteSettings(aws.Endpoint);
        byte[] request = await RequestAsync();

        string inDaemon = Watch("daemon");
        using Process daemon = Start("arkd");
        await Eventually.HoldsAsync("the daemon listens", () => File.Exists(SocketPath));
        for (int get = 0; get <= Often; get++)
        {
            await GetAsync(request);
        }

        string inHelper = Watch("helper");
        ProgramResult got = await HelperAsync();
        using Process kill = Process.Start("kill", [daemon.Id.ToString(CultureInfo.InvariantCulture)]);
        await daemon.WaitForExitAsync(Cancellation);

        Assert.True(got.ExitCode == 0, got.ToString());
        Assert.Single(aws.Log, call => call.Operation == "GetAuthorizationToken");
        string[] files = [.. Ran(inHelper, often: false).Union(Ran(inDaemon, often: true)).Order(StringComparer.Ordinal)];
        output.WriteLine(string.Join('\n', files));
        output.WriteLine($"{files.Length} files on the way of a warm get");
        Assert.Contains("src/docker-credential-ark/Program.cs", files);
        Assert.Contains("src/Ark.Core/Tokens/TokenCache.cs", files);
        Assert.DoesNotContain("src/arkd/Program.cs", files);
        Assert.DoesNotContain("src/Ark.Aws/Ecr/GetAuthorizationToken.cs", files);
        Assert.True(files.Length <= Most, $"{files.Length} files, {Most} at most");
    }

    private static IEnumerable<string> Ran(string methods, bool often) =>
        from line in File.ReadAllLines(methods)
        let fields = line.Split('\t')
        where !often || fields[1] == $"{StartupHook.OftenCalled}"
        from file in Sources.Of(int.Parse(fields[0], CultureInfo.InvariantCulture), fields[2].Split('[')[0], fields[3])
        select file;

    private void WriteSettings(Uri endpoint)
    {
        string[] written =
        [
            _home.WriteAwsConfig("[profile tbd]\nregion = us-east-1\n"),
            _home.WriteAwsCredentials($"[tbd]\naws_access_key_id = {KeyId}\naws_secret_access_key = {Secret}\n"),
            _home.WriteConfiguration($$"""
                { "organizations": [{ "name": "tbd", "registries": [{ "hosts": ["{{Host}}"],
                    "source": { "type": "ecr", "profile": "tbd", "endpoint": "{{endpoint.ToString().TrimEnd('/')}}" } }] }] }
                """),
        ];

        // What was written a moment ago is read at every request, since its time could not tell a second change.
        Array.ForEach(written, file => File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(-1)));
    }

    /// <summary>What the programs that start from now on have to report, and where.</summary>
    private string Watch(string name)
    {
        string file = Path.Combine(_home.Home, $"{name}.methods");
        _home.Variables["DOTNET_STARTUP_HOOKS"] = typeof(TemporaryHome).Assembly.Location;
        _home.Variables["DOTNET_TC_CallCountThreshold"] = Often.ToString("x", CultureInfo.InvariantCulture);
        _home.Variables["DOTNET_TC_CallCountingDelayMs"] = "0";
        _home.Variables["DOTNET_TieredPGO"] = "0";
        _home.Variables["COMPILED_METHODS"] = file;
        return file;
    }

    private Process Start(string program)
    {
        string assembly = Path.Combine(AppContext.BaseDirectory, $"{program}.dll");
        var start = new ProcessStartInfo(Dotnet, [assembly]) { WorkingDirectory = _home.Home };
        start.Environment.Clear();
        foreach ((string name, string value) in _home.Variables)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private Task<ProgramResult> HelperAsync() =>
        _home.RunAsync(Dotnet, [Path.Combine(AppContext.BaseDirectory, "docker-credential-ark.dll"), "get"], Host, Cancellation);

    /// <summary>The bytes that the helper sends, caught where no daemon is.</summary>
    private async Task<byte[]> RequestAsync()
    {
        Directory.CreateDirectory(_home.DaemonDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        File.SetUnixFileMode(SocketPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        listener.Listen();
        _home.Variables["ARK_DAEMON"] = "/nowhere";
        Task<ProgramResult> helper = HelperAsync();
        using Socket client = await listener.AcceptAsync(Cancellation);
        byte[] request = await FrameAsync(client);
        File.Delete(SocketPath);
        client.Close();
        await helper;
        return request;
    }

    private async Task GetAsync(byte[] request)
    {
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), Cancellation);
        await client.SendAsync(request, Cancellation);
        string reply = Encoding.UTF8.GetString(await FrameAsync(client));
        Assert.True(reply.Contains("\"Username\":\"AWS\"", StringComparison.Ordinal), reply);
    }

    /// <summary>A header of 20 bytes, in which the length of what follows is at 8, and the rest.</summary>
    private static async Task<byte[]> FrameAsync(Socket peer)
    {
        byte[] bytes = new byte[1 << 17];
        int got = 0;
        while (got < 20 || got < 20 + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8)))
        {
            int read = await peer.ReceiveAsync(bytes.AsMemory(got), Cancellation);
            Assert.True(read > 0, $"the connection ended after {got} bytes");
            got += read;
        }

        return bytes[..got];
    }
}
