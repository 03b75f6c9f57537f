using System.Text.Json;
using Ark.Testing;
using Ark.Wire;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Ark.Tests.Cli;

/// <summary><c>ark doctor IMAGE</c> asks the registry itself, so that what is missing, forbidden and mistyped are told apart.</summary>
public sealed class DoctorImageTests : IDisposable
{
    private const string Sentinel = "SENTINEL-token";
    private const string Digest = "sha256:4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a";

    private readonly SomeUser _user = new();
    private readonly List<string> _requests = [];
    private string _host = "";

    public DoctorImageTests() => _user.Daemon.Answer = (verb, payload) => verb switch
    {
        Verb.Status => FakeDaemon.Says("""{"daemon":{"pid":1,"version":"0.1.0","uptimeSeconds":5,"requests":1},"entries":[]}"""),
        Verb.Organizations => FakeDaemon.Says("""{"file":"/nowhere/config.json","organizations":[]}"""),
        Verb.Describe => FakeDaemon.Says(
            $$"""{"host":"{{_host}}","repository":"team/app","tag":"1","username":"AWS","secret":"{{Sentinel}}","expiresAt":null}"""),
        _ => FakeDaemon.Says(""),
    };

    public void Dispose() => _user.Dispose();

    [Theory]
    [InlineData(404, "NAME_UNKNOWN", "", "there is no repository team/app at HOST", "ark repo create HOST/team/app")]
    [InlineData(404, "MANIFEST_UNKNOWN", "", "the repository team/app at HOST has no 1", "docker push HOST/team/app:1")]
    [InlineData(403, "DENIED", "Your authorization token has expired. Reauthenticate and try again.", "HOST says that the token has expired, though ark served it as good", "ark refresh HOST")]
    [InlineData(403, "DENIED", "User is not authorized to perform: ecr:BatchGetImage", "HOST knows who asks and does not allow pulling team/app", "aws ecr get-repository-policy --repository-name team/app")]
    [InlineData(401, "UNAUTHORIZED", "", "HOST does not accept the token: it is for another account or region than that name says, or no longer good", "ark refresh HOST")]
    [InlineData(400, "UNSUPPORTED", "", "HOST does not accept the token: it is for another account or region than that name says, or no longer good", "aws ecr describe-repositories --repository-names team/app")]
    [InlineData(418, "", "", "HOST answers 418, which no registry does for a manifest", "docker pull HOST/team/app:1")]
    public async Task What_the_registry_refuses_is_told_apart_and_is_well_once_it_is_repaired(
        int status, string code, string message, string expected, string repair)
    {
        bool repaired = false;
        await using LoopbackServer registry = await StartAsync(context => repaired
            ? Says(context, 200, "")
            : Says(context, status, $$"""{"errors":[{"code":"{{code}}","message":"{{message}} {{Sentinel}}"}]}"""));

        (string result, string told, string? how) = Run();

        Assert.Equal(("fail", Named(expected)), (result, told));
        Assert.Contains(Named(repair), how, StringComparison.Ordinal);
        Assert.Equal(["HEAD /v2/team/app/manifests/1", "GET /v2/team/app/manifests/1"], _requests);

        repaired = true;
        Assert.Equal(("ok", Named($"HOST/team/app:1 can be pulled, {Digest}")), Run() is var now ? (now.Result, now.Message) : default);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_a_failing_registry_is_no_fault_of_this_machine()
    {
        int status = 307;
        await using LoopbackServer other = await StartAsync(context => Says(context, 200, ""));
        string stranger = other.Endpoint.ToString();
        await using LoopbackServer registry = await StartAsync(context =>
        {
            context.Response.Headers.Location = $"{stranger}elsewhere";
            return Says(context, status, "");
        });

        Assert.Equal(("warn", Named("HOST redirected; not followed with credentials")), Run() is var found ? (found.Result, found.Message) : default);
        Assert.Equal(["HEAD /v2/team/app/manifests/1"], _requests);

        status = 503;
        Assert.Equal(("warn", Named("HOST answers 503: it is failing or asks to slow down")), Run() is var failing ? (failing.Result, failing.Message) : default);
    }

    [Fact]
    public async Task A_registry_with_a_token_service_of_its_own_gets_no_more_than_the_question()
    {
        await using LoopbackServer registry = await StartAsync(context =>
        {
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"https://elsewhere.example/token\",service=\"x\"";
            return Says(context, 401, "");
        });

        Assert.Equal("skip", Run().Result);
    }

    [Fact]
    public async Task A_machine_that_is_not_there_and_one_that_is_no_registry_are_told_apart()
    {
        await using (LoopbackServer registry = await StartAsync(context => Says(context, 200, "")))
        {
            _host = registry.Endpoint.Authority;
        }

        Assert.Equal(Named("HOST cannot be reached"), Run().Message);

        // Reserved: it is never resolved.
        _host = "123456789012.dkr.ecr.nowhere-1.invalid";
        Assert.Equal(Named("HOST cannot be resolved: the name is wrong, or this machine is offline"), Run().Message);
    }

    [Fact]
    public async Task Without_credentials_or_with_offline_no_registry_is_asked()
    {
        await using LoopbackServer registry = await StartAsync(context => Says(context, 200, ""));
        Func<Verb, string, Ark.Client.AskResult> usual = _user.Daemon.Answer;
        _user.Run("doctor", "--offline", "--json", $"{_host}/team/app:1");
        Assert.Equal("skip", Image().Result);

        _user.Daemon.Answer = (verb, payload) => verb == Verb.Describe
            ? FakeDaemon.Says($$"""{"host":"{{_host}}","repository":"team/app","username":null,"secret":null,"expiresAt":null}""")
            : usual(verb, payload);
        Assert.Equal("skip", Run().Result);
        Assert.Empty(_requests);
    }

    private async Task<LoopbackServer> StartAsync(RequestDelegate answer)
    {
        LoopbackServer server = await LoopbackServer.StartAsync(context =>
        {
            _requests.Add($"{context.Request.Method} {context.Request.Path}");
            Assert.Equal($"Basic {The.Base64($"AWS:{Sentinel}")}", context.Request.Headers.Authorization);
            Assert.Contains("application/vnd.oci.image.index.v1+json", context.Request.Headers.Accept.ToString(), StringComparison.Ordinal);
            context.Response.Headers["Docker-Content-Digest"] = Digest;
            return answer(context);
        });
        _host = server.Endpoint.Authority;
        return server;
    }

    private static Task Says(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.WriteAsync(body);
    }

    private string Named(string text) => text.Replace("HOST", _host, StringComparison.Ordinal);

    private (string Result, string Message, string? Repair) Run()
    {
        _user.Run("doctor", "--json", $"{_host}/team/app:1");
        return Image();
    }

    private (string Result, string Message, string? Repair) Image()
    {
        Assert.DoesNotContain(Sentinel, _user.Out + _user.Error, StringComparison.Ordinal);
        using var report = JsonDocument.Parse(_user.Out);
        JsonElement image = Assert.Single(report.RootElement.GetProperty("checks").EnumerateArray(), entry => entry.GetProperty("name").GetString() == "image");
        return (image.GetProperty("result").GetString()!, image.GetProperty("message").GetString()!, image.GetProperty("repair").GetString());
    }
}
