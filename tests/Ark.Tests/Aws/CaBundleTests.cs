using System.Diagnostics;
using Ark.Aws.Profiles;
using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Testing;
using Ark.Testing.Registries;
using Microsoft.AspNetCore.Hosting;
using Xunit;

namespace Ark.Tests.Aws;

public sealed class CaBundleTests
{
    [Fact]
    public async Task A_certificate_is_trusted_by_the_callers_bundle_and_by_nothing_else()
    {
        using var authority = new CertificateAuthority();
        await using LoopbackServer server = await LoopbackServer.StartAsync(
            static async context => await context.Response.Body.WriteAsync("{}"u8.ToArray()), listen => listen.UseHttps(authority.For("127.0.0.1")));
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Variables["AWS_ENDPOINT_URL"] = $"https://{server.Endpoint.Authority}";

        Problem untrusted = await caller.FailAsync();
        Assert.Equal(ProblemKind.Unreachable, untrusted.Kind);
        Assert.Contains("no trusted TLS connection", untrusted.Message, StringComparison.Ordinal);

        // The answer is empty, but it came: the connection was trusted.
        caller.Variables["AWS_CA_BUNDLE"] = caller.Home.Write("roots.pem", authority.Pem);
        Assert.Equal(ProblemKind.BadAnswer, (await caller.FailAsync()).Kind);

        using var stranger = new CertificateAuthority();
        caller.Variables["AWS_CA_BUNDLE"] = caller.Home.Write("roots.pem", stranger.Pem);
        Assert.Equal(ProblemKind.Unreachable, (await caller.FailAsync()).Kind);
    }

    [Fact]
    public async Task A_profile_brings_its_own_bundle()
    {
        using var authority = new CertificateAuthority();
        using var stranger = new CertificateAuthority();
        await using LoopbackServer server = await LoopbackServer.StartAsync(
            static async context => await context.Response.Body.WriteAsync("{}"u8.ToArray()), listen => listen.UseHttps(authority.For("127.0.0.1")));
        await using SomeCaller caller = await SomeCaller.StartAsync();
        EcrSource source = SomeCaller.Source(endpoint: $"https://{server.Endpoint.Authority}", profile: "behind");

        // The answer is empty: one that came is no good, one that could not come is unreachable.
        foreach ((CertificateAuthority trusted, ProblemKind outcome) in new[] { (stranger, ProblemKind.Unreachable), (authority, ProblemKind.BadAnswer) })
        {
            string bundle = caller.Home.Write("roots.pem", trusted.Pem);
            caller.Home.WriteAwsConfig(
                $"[profile behind]\nca_bundle = {bundle}\naws_access_key_id = {SomeCaller.KeyId}\naws_secret_access_key = {SomeCaller.Secret}\n");
            Assert.Equal(outcome, (await caller.FailAsync(source)).Kind);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("no certificate")]
    public async Task A_bundle_without_a_certificate_is_a_mistake(string content)
    {
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Variables["AWS_CA_BUNDLE"] = caller.Home.Write("roots.pem", content);

        Assert.Equal(ProblemKind.BadSetting, (await caller.FailAsync()).Kind);
    }

    [Fact]
    public async Task A_callers_bundle_is_never_used_for_a_configured_host()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        caller.Home.WriteAwsCredentials($"[default]\naws_access_key_id = {SomeCaller.KeyId}\naws_secret_access_key = {SomeCaller.Secret}\n");
        caller.Variables["AWS_CA_BUNDLE"] = caller.Home.Write("roots.pem", "no certificate");

        Assert.NotNull(await caller.FetchAsync(SomeCaller.Source(endpoint: caller.Endpoint, profile: "default")));
    }

    [Fact]
    public async Task One_that_is_too_long_is_not_read_though_it_begins_well()
    {
        using var authority = new CertificateAuthority();
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Variables["AWS_CA_BUNDLE"] = caller.Home.Write("roots.pem", authority.Pem + new string('\n', SmallFile.MaxLength));

        Assert.Equal(ProblemKind.BadSetting, (await caller.FailAsync()).Kind);
    }

    [Fact]
    public async Task A_pipe_or_a_device_is_never_opened()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "they are no files there");
        await using SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        string pipe = Path.Combine(caller.Home.Home, "pipe");
        using (Process mkfifo = Process.Start("mkfifo", [pipe]))
        {
            await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        foreach (string path in (string[])[pipe, "/dev/zero"])
        {
            caller.Variables["AWS_CA_BUNDLE"] = path;
            Assert.Equal(ProblemKind.BadSetting, (await caller.FailAsync()).Kind);
        }
    }
}
