using System.Net.Sockets;
using System.Text;
using Ark.EndToEnd.Hosts;
using Ark.Testing;
using Ark.Testing.Aws;
using Ark.Wire;
using Xunit;

namespace Ark.EndToEnd.Frames;

/// <summary>Clients and servers that are not who they should be.</summary>
public sealed partial class StrangerTests
{
    public StrangerTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has pipes");

    [Fact]
    public async Task F32_descriptors_that_a_client_passes_are_dropped()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /proc");
        await using ServedHome served = await ServedHome.StartAsync();
        served.AssertServed(await served.HelperAsync("get", ServedHome.Host));
        string descriptors = $"/proc/{await served.DaemonAsync()}/fd";
        Assert.SkipUnless(CanLook(descriptors), "only root may look into the daemon");
        using (var warm = new RawClient(served.Socket).Sending(RawClient.Request(Verb.Status, [])))
        {
            warm.ReadToEnd();
        }

        int before = Directory.GetFileSystemEntries(descriptors).Length;
        using (var client = new RawClient(served.Socket))
        {
            Assert.True(Descriptors.Send(client.Descriptor, RawClient.Request(Verb.Status, []), 253) > 0);
            Assert.Equal(0, client.Answer()?.Reply?.ExitCode);
        }

        Assert.InRange(Directory.GetFileSystemEntries(descriptors).Length, 0, before + 2);
        served.AssertServed(await served.HelperAsync("get", ServedHome.Host));
    }

    [Fact]
    public async Task F33_another_user_is_dropped_even_where_the_door_is_open()
    {
        await using ServedHome served = await ServedHome.StartAsync();
        string perl = NeedRootAnd("perl", "setpriv");
        served.AssertServed(await served.HelperAsync("get", ServedHome.Host));
        OpenTheDoor(served);

        string request = Convert.ToHexString(RawClient.Request(Verb.Get, Encoding.UTF8.GetBytes(ServedHome.Host)));
        string[] asks = [perl, "-MIO::Socket::UNIX", "-e", $"""my $s = IO::Socket::UNIX->new(Peer => "{served.Socket}") or die "no: $!"; print $s pack("H*", "{request}"); $s->flush; local $/; print length(<$s> // ""), "\n";"""];
        ProgramResult owner = await served.Home.RunAsync(asks[0], asks[1..]);
        Assert.True(owner.ExitCode == 0 && int.Parse(owner.OutputText) > 1_000, $"{owner}");
        ProgramResult stranger = await served.Home.RunAsync("setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups", .. asks]);
        Assert.True(stranger.OutputText == "0\n", $"{stranger}");

        CloseTheDoor(served);
        served.AssertServed(await served.HelperAsync("get", ServedHome.Host));
    }

    [Fact]
    public async Task F33_root_is_somebody_else_too()
    {
        await using ServedHome served = await ServedHome.StartAsync();
        NeedRootAnd("setpriv", "chown");
        string above = Path.GetDirectoryName(served.Home.Home)!;
        string asNobody = $"printf %s {ServedHome.Host} | setpriv --reuid 65534 --regid 65534 --clear-groups \"$HELPER\" get";
        Assert.SkipUnless((await served.BashAsync("setpriv --reuid 65534 --regid 65534 --clear-groups \"$HELPER\" version")).ExitCode == 0, "the executables lie where only root can run them");
        ProgramResult first = await served.BashAsync($"chown -R 65534:65534 '{above}' && {asNobody}");
        served.AssertServed(first);

        using (var root = new RawClient(served.Socket).Sending(RawClient.Request(Verb.Get, Encoding.UTF8.GetBytes(ServedHome.Host))))
        {
            Assert.Null(root.Answer());
        }

        served.AssertServed(await served.BashAsync(asNobody));
        Assert.Equal(1, served.Aws.Calls("GetAuthorizationToken"));
        ServedHome.AssertWithoutDaemon(await served.HelperAsync("get", ServedHome.CallersHost), "belongs to user 65534");
    }

    [Fact]
    public async Task F35_an_abstract_socket_of_the_same_name_is_ignored()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux has abstract sockets");
        await using ServedHome served = await ServedHome.StartAsync();
        using var decoy = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        decoy.Bind(new UnixDomainSocketEndPoint($"\0{served.Socket}"));
        decoy.Listen();
        served.AssertServed(await served.HelperAsync("get", ServedHome.Host));
        Assert.False(decoy.Poll(0, SelectMode.SelectRead));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(255)]
    public async Task F39_any_version_may_ask_it_to_leave_and_status_shows_no_token(byte version)
    {
        await using ServedHome served = await ServedHome.StartAsync();
        served.AssertServed(await served.HelperAsync("get", ServedHome.Host));
        using (var status = new RawClient(served.Socket).Sending(RawClient.Request(Verb.Status, [])))
        {
            string text = Encoding.UTF8.GetString(status.Answer()!.Value.Reply!.Stdout);
            Assert.Contains(ServedHome.Host, text, StringComparison.Ordinal);
            Assert.All(served.Aws.Issued, token => Assert.DoesNotContain(token.Password, text, StringComparison.Ordinal));
            Assert.DoesNotContain(StandInAws.Sentinel, text, StringComparison.Ordinal);
        }

        using var leave = new RawClient(served.Socket).Sending(Frame.Join(FrameType.Leave, 1, "9.9.9"u8, version));
        Assert.Null(leave.Answer());
        Assert.False(File.Exists(served.Socket));
        served.AssertServed(await served.HelperAsync("get", ServedHome.Host));
    }

    [Fact]
    public async Task F40_an_old_answer_to_another_request_is_not_passed_on()
    {
        await using ServedHome served = await ServedHome.StartAsync();
        served.Home.Variables["ARK_DAEMON"] = "/nonexistent/arkd";
        await served.BashAsync($"mkdir -m 700 '{served.Home.DaemonDirectory}'");
        using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        server.Bind(new UnixDomainSocketEndPoint(served.Socket));
        server.Listen();
        using var stop = new CancellationTokenSource();
        byte[] replayed = new Reply(0, "{\"Secret\":\"SENTINEL-replayed\"}"u8.ToArray(), [], Build.Current).ToFrames(1).Single();
        Task serving = Task.Run(async () =>
        {
            byte[] request = new byte[100_000];
            while (true)
            {
                using Socket client = await server.AcceptAsync(stop.Token);
                await client.ReceiveAsync(request, stop.Token);
                await client.SendAsync(replayed, stop.Token);
            }
        });

        ProgramResult result = await served.HelperAsync("get", ServedHome.Host);
        ServedHome.AssertRejected(result);
        Assert.DoesNotContain("SENTINEL", $"{result}", StringComparison.Ordinal);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving);
    }

    private static string NeedRootAnd(params string[] programs)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && OperatingSystem.IsLinux(), "only root can become another user");
        string path = Environment.GetEnvironmentVariable("PATH") ?? "";
        Assert.SkipWhen(programs.Any(program => Programs.Find(program, path) is null), $"needs {string.Join(" and ", programs)}");
        return Programs.Find(programs[0], path)!;
    }

    private static bool CanLook(string directory)
    {
        try
        {
            return Directory.GetFileSystemEntries(directory).Length > 0;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void OpenTheDoor(ServedHome served) => Chmod(served, "711", "666");

    private static void CloseTheDoor(ServedHome served) => Chmod(served, "700", "600");

    private static void Chmod(ServedHome served, string directories, string socket)
    {
        string daemon = served.Home.DaemonDirectory;
        string run = Path.GetDirectoryName(daemon)!;
        using var all = System.Diagnostics.Process.Start("chmod", [directories, Path.GetDirectoryName(run)!, run, daemon]);
        all.WaitForExit();
        using var one = System.Diagnostics.Process.Start("chmod", [socket, served.Socket]);
        one.WaitForExit();
        Assert.Equal((0, 0), (all.ExitCode, one.ExitCode));
    }
}
