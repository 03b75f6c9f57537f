using System.Text.Json;
using Ark.Testing;
using Ark.Testing.Aws;
using Ark.Testing.Registries;
using Xunit;

namespace Ark.EndToEnd.Roots;

/// <summary>The published executables need nothing of the system but its certificates, wherever it keeps them.</summary>
public sealed class EmptyRootTests : IDisposable
{
    private const string Host = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

    private readonly CertificateAuthority _authority = new();

    public EmptyRootTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "static executables and namespaces are Linux's");

    [Theory]
    [InlineData("/etc/ssl/certs/ca-certificates.crt")]
    [InlineData("/etc/pki/tls/certs/ca-bundle.crt")]
    [InlineData("/etc/ssl/ca-bundle.pem")]
    [InlineData("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem")]
    [InlineData("/etc/ssl/cert.pem")]
    public async Task In_an_empty_root_a_get_trusts_the_systems_certificates_at(string path)
    {
        using var root = new EmptyRoot();
        root.Write(path, _authority.Pem);
        await using StandInAws aws = await StartAwsFor(root);

        ProgramResult get = await root.RunAsync("/docker-credential-ark", ["get"], Host);

        Assert.True(get.ExitCode == 0, get.ToString());
        using var answer = JsonDocument.Parse(get.Output);
        Assert.NotNull(aws.FindToken(answer.RootElement.GetProperty("Secret").GetString()!));
        Assert.Equal("", get.ErrorText);
    }

    [Fact]
    public async Task In_an_empty_root_without_certificates_a_get_trusts_nobody_and_says_so()
    {
        using var root = new EmptyRoot();
        await using StandInAws aws = await StartAwsFor(root);

        ProgramResult get = await root.RunAsync("/docker-credential-ark", ["get"], Host);

        Assert.Equal(1, get.ExitCode);
        Assert.Contains("no trusted TLS connection", get.OutputText, StringComparison.Ordinal);
        Assert.Equal(0, aws.Calls("GetAuthorizationToken"));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("//")]
    public async Task In_an_empty_root_the_home_may_be_the_root_itself(string home)
    {
        using var root = new EmptyRoot();
        root.Write("/etc/ssl/cert.pem", _authority.Pem);
        await using StandInAws aws = await StartAwsFor(root);
        root.Variables["HOME"] = home;
        root.Variables.Remove("ARK_RUNTIME_DIR");

        ProgramResult get = await root.RunAsync("/docker-credential-ark", ["get"], Host);

        Assert.True(get.ExitCode == 0, get.ToString());
        Assert.Equal("", get.ErrorText);
        Assert.True(root.Has("/.ark/run/arkd.sock"), "the daemon listens where the client asked");
    }

    [Fact]
    public async Task In_an_empty_root_the_command_for_people_runs()
    {
        using var root = new EmptyRoot();

        ProgramResult status = await root.RunAsync("/ark", ["status", "--json"], "");

        Assert.True(status.ExitCode == 3, status.ToString());
        Assert.Contains("\"daemon\"", status.OutputText, StringComparison.Ordinal);
    }

    public void Dispose() => _authority.Dispose();

    private async Task<StandInAws> StartAwsFor(EmptyRoot root)
    {
        StandInAws aws = await StandInAws.StartAsync(authority: _authority);
        aws.AddPrincipal("AKIAEMPTYROOT0000000", "SENTINEL-root-key");
        root.Variables["AWS_ACCESS_KEY_ID"] = "AKIAEMPTYROOT0000000";
        root.Variables["AWS_SECRET_ACCESS_KEY"] = "SENTINEL-root-key";
        root.Variables["AWS_ENDPOINT_URL"] = aws.Endpoint.ToString();
        return aws;
    }
}
