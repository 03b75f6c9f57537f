using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Ark.Tests.Cli;

public sealed class ShowTests : IDisposable
{
    private readonly SomeUser _user = new();

    public void Dispose() => _user.Dispose();

    [Fact]
    public async Task A_shell_reads_back_whatever_a_password_is_made_of()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs sh");
        const string secret = "SENTINEL $(touch x) `id` 'one' \"two\" \\ * ~ ; & é";
        string image = JsonSerializer.Serialize(new { host = The.Host, username = "AWS", secret, expiresAt = (string?)null });
        _user.Daemon.Answer = (_, _) => FakeDaemon.Says(image);
        Assert.Equal(0, _user.Run("show", $"{The.Host}/app", "--format", "env"));

        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var shell = Process.Start(start)!;
        await shell.StandardInput.WriteAsync($"{_user.Out}printf %s \"$ARK_PASSWORD\"\n");
        shell.StandardInput.Close();
        Assert.Equal(secret, await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
    }
}
