using System.Diagnostics;
using Ark.Cli.Files;
using Xunit;

namespace Ark.Tests.Cli;

/// <summary>The docker client itself, where there is one, reads what setup wrote. No engine is needed for that.</summary>
public sealed class RealDockerTests : IDisposable
{
    private readonly SomeUser _user = new();

    public void Dispose() => _user.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{\r\n  \"auths\": {}\r\n}\r\n")]
    [InlineData("""{"credHelpers":{"ghcr.io":"other"},"HttpHeaders":{"A":"é"}}""")]
    public void Docker_asks_ark_for_the_host_after_setup_and_not_after_undo(string? config)
    {
        var docker = new UserPaths(Environment.GetEnvironmentVariable).FindProgram("docker");
        Assert.SkipWhen(docker is null || OperatingSystem.IsWindows(), "no docker client here");
        var calls = Path.Combine(_user.Root, "calls");
        SomeUser.MakeProgram(
            Path.Combine(_user.Environment["PATH"], "docker-credential-ark"), $"#!/bin/sh\nread -r host\necho \"$1 $host\" >> {calls}\n");
        if (config is not null)
        {
            _user.HasConfig(config);
        }

        Assert.Equal(0, _user.Run("setup", "--yes", "--host", The.Host));
        Logout(docker!);
        Assert.Contains($"erase {The.Host}\n", File.ReadAllText(calls), StringComparison.Ordinal);

        File.Delete(calls);
        Assert.Equal(0, _user.Run("setup", "--undo"));
        Logout(docker!);
        Assert.False(File.Exists(calls));
    }

    private void Logout(string docker)
    {
        var start = new ProcessStartInfo(docker, ["logout", The.Host]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        start.Environment["HOME"] = _user.Home;
        start.Environment["PATH"] = $"{_user.Environment["PATH"]}:/usr/bin:/bin";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error.Result);
    }
}
