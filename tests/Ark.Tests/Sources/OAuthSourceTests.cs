using System.Globalization;
using System.Net;
using System.Text;
using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Daemon.Sources;
using Ark.Testing;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Ark.Tests.Sources;

public sealed class OAuthSourceTests : IAsyncLifetime
{
    private const string Secret = "SENTINEL+ä&=%";

    private readonly SourceFixture _fixture = new();
    private readonly List<string> _bodies = [];
    private LoopbackServer? _server;
    private Func<HttpContext, Task> _answer = static _ => Task.CompletedTask;

    private OAuthSource Source => new(
        new Uri(_server!.Endpoint, "/oauth2/exchange").ToString(),
        new ValueList<FormField>([new("grant_type", "access_token"), new("service", "a b&c=d")]),
        "access_token",
        new SecretReference.File("~/secret"),
        TokenField: null,
        "<token>",
        TimeSpan.FromHours(3));

    public async ValueTask InitializeAsync()
    {
        _fixture.Home.Write("secret", Secret + "\n");
        _server = await LoopbackServer.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            string headers = string.Join('\n', context.Request.Headers.Select(header => $"{header.Key}: {header.Value}"));
            _bodies.Add($"{context.Request.Method} {context.Request.Path}\n{headers}\n\n{await reader.ReadToEndAsync()}");
            await _answer(context);
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        _fixture.Dispose();
    }

    [Fact]
    public async Task The_form_is_posted_with_the_secret_and_the_answer_is_the_password()
    {
        Answers("""{"refresh_token":"SENTINEL-refreshed"}""");

        Assert.Equal(("<token>", "SENTINEL-refreshed", TimeSpan.FromHours(3)), await _fixture.FetchAsync(Source));

        string request = Assert.Single(_bodies);
        Assert.StartsWith("POST /oauth2/exchange\n", request, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/x-www-form-urlencoded\n", request, StringComparison.Ordinal);
        Assert.EndsWith(
            "\n\ngrant_type=access_token&service=a+b%26c%3Dd&access_token=SENTINEL%2B%C3%A4%26%3D%25", request, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"token":"SENTINEL-3","refresh_token":"SENTINEL-2","access_token":"SENTINEL-1"}""", null, "SENTINEL-1")]
    [InlineData("""{"token":"SENTINEL-3","refresh_token":"SENTINEL-2"}""", null, "SENTINEL-2")]
    [InlineData("""{"token":"SENTINEL-3","refresh_token":""}""", null, "SENTINEL-3")]
    [InlineData("""{"token":"SENTINEL-3","id_token":"SENTINEL-4"}""", "id_token", "SENTINEL-4")]
    public async Task The_token_is_the_named_property_or_the_first_of_the_usual_ones(string answer, string? field, string token)
    {
        Answers(answer);

        Assert.Equal(token, (await _fixture.FetchAsync(Source with { TokenField = field })).Secret);
    }

    [Theory]
    [InlineData("60", 60)]
    [InlineData("\"60\"", 60)]
    [InlineData("59.5", 59.5)]
    [InlineData("0", 3 * 3600)]
    [InlineData("-1", 3 * 3600)]
    [InlineData("\"soon\"", 3 * 3600)]
    [InlineData("null", 3 * 3600)]
    [InlineData("1e300", 365 * 86400)]
    public async Task It_lives_as_long_as_the_endpoint_says_or_else_the_configuration(string expiresIn, double seconds)
    {
        Answers($$"""{"access_token":"SENTINEL","expires_in":{{expiresIn}}}""");

        Assert.Equal(TimeSpan.FromSeconds(seconds), (await _fixture.FetchAsync(Source)).Life);
    }

    [Theory]
    [InlineData(400, ProblemKind.CredentialsRejected)]
    [InlineData(401, ProblemKind.CredentialsRejected)]
    [InlineData(403, ProblemKind.AccessDenied)]
    [InlineData(404, ProblemKind.BadAnswer)]
    [InlineData(429, ProblemKind.Throttled)]
    [InlineData(503, ProblemKind.ServiceFailure)]
    public async Task A_refusal_is_told_with_its_status_and_its_code(int status, ProblemKind kind)
    {
        Answers("""{"error":"invalid_grant","error_description":"U0VOVElORUw= is old"}""", status);

        Problem problem = await _fixture.FailAsync(Source);

        Assert.Equal(kind, problem.Kind);
        Assert.EndsWith(
            $"refused the exchange ({status.ToString(CultureInfo.InvariantCulture)}): invalid_grant",
            problem.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"error_description":"you sent SENTINEL+ä&=%"}""")]
    [InlineData("""{"error":"U0VOVElORUw="}""")]
    [InlineData("""{"error":"invalid_grant "}""")]
    [InlineData("""{"error":"an_error_whose_name_is_longer_than_any_is"}""")]
    [InlineData("""{"error":""}""")]
    [InlineData("""{"error":1}""")]
    [InlineData("""{"error":"access_token=SENTINEL%2B%C3%A4%26%3D%25"}""")]
    [InlineData("""<html>SENTINEL</html>""")]
    [InlineData("""["SENTINEL"]""")]
    [InlineData("""{"message":"SENTINEL"}""")]
    public async Task Words_that_may_repeat_our_secret_are_not(string answer)
    {
        Answers(answer, 400);

        Assert.EndsWith("refused the exchange (400)", (await _fixture.FailAsync(Source)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("correct_horse_battery")]
    [InlineData("horse")]
    public async Task Nor_is_a_code_that_is_made_of_it(string secret)
    {
        _fixture.Home.Write("secret", secret);
        Answers("""{"error":"correct_horse"}""", 400);

        Assert.EndsWith("refused the exchange (400)", (await _fixture.FailAsync(Source)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_redirect_is_followed()
    {
        _answer = context =>
        {
            context.Response.Redirect("/elsewhere", permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        };

        Problem problem = await _fixture.FailAsync(Source);

        Assert.Contains("redirect (307)", problem.Message, StringComparison.Ordinal);
        Assert.Single(_bodies);
    }

    [Theory]
    [InlineData("""{"access_token":1}""")]
    [InlineData("""{"access_token":""}""")]
    [InlineData("""["SENTINEL"]""")]
    [InlineData("SENTINEL")]
    [InlineData("")]
    public async Task An_answer_without_a_token_is_none(string answer)
    {
        Answers(answer);

        Assert.Equal(ProblemKind.BadAnswer, (await _fixture.FailAsync(Source)).Kind);
    }

    [Theory]
    [InlineData("""{"access_token":"SENTINEL\n"}""")]
    [InlineData("""{"access_token":"SENTINEL\u0000"}""")]
    [InlineData("""{"access_token":"\u007fSENTINEL"}""")]
    public async Task A_token_with_control_characters_is_none(string answer)
    {
        Answers(answer);

        Problem problem = await _fixture.FailAsync(Source);

        Assert.Equal(ProblemKind.BadAnswer, problem.Kind);
        Assert.Contains("control characters", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_without_end_is_cut_off()
    {
        Answers(new string('x', TokenEndpoint.MaxAnswer + 1));

        Assert.Contains("1 MiB", (await _fixture.FailAsync(Source)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_waits_for_one_that_does_not_answer()
    {
        var asked = new TaskCompletionSource();
        _answer = async context =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        };
        Task<Problem> failing = _fixture.FailAsync(Source);
        await asked.Task;

        _fixture.Clock.Advance(TokenEndpoint.Limit);

        Assert.Contains("did not answer within 19 seconds", (await failing).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://registry.example.com/token")]
    [InlineData("ftp://127.0.0.1/token")]
    [InlineData("token")]
    public async Task A_secret_goes_nowhere_in_the_clear(string url) =>
        Assert.Equal(ProblemKind.BadSetting, (await _fixture.FailAsync(Source with { Url = url })).Kind);

    [Fact]
    public async Task Nobody_there_is_told()
    {
        OAuthSource source = Source;
        await _server!.DisposeAsync();

        Problem problem = await _fixture.FailAsync(source);

        Assert.Equal(ProblemKind.Unreachable, problem.Kind);
        Assert.Contains($"no connection to {IPAddress.Loopback}", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_its_secret_nobody_is_asked()
    {
        File.Delete(Path.Combine(_fixture.Home.Home, "secret"));

        Assert.Contains("does not exist", (await _fixture.FailAsync(Source)).Message, StringComparison.Ordinal);
        Assert.Empty(_bodies);
    }

    [Fact]
    public void Its_key_changes_with_all_that_decides_what_it_is_good_for()
    {
        OAuthSource source = Source;
        Assert.Equal(_fixture.Found(source).Key, _fixture.Found(source, "other.example.com").Key);
        Assert.NotEqual(_fixture.Found(source).Key, _fixture.Found(source with { Form = new ValueList<FormField>([]) }).Key);
        Assert.NotEqual(_fixture.Found(source).Key, _fixture.Found(source with { TokenField = "token" }).Key);
        var before = _fixture.Found(source).Key;
        _fixture.Home.Write("secret", "SENTINEL-edited");
        Assert.NotEqual(before, _fixture.Found(source).Key);
    }

    [Fact]
    public void It_is_renewed_with_nobody_there_unless_a_store_would_have_to_be_unlocked()
    {
        Assert.True(_fixture.Found(Source).OutlivesRequest);
        Assert.False(_fixture.Found(Source with { Secret = new SecretReference.Helper("pass", "x") }).OutlivesRequest);
    }

    [Fact]
    public void A_form_is_wiped_when_it_has_been_sent()
    {
        var form = new FormBody(new ValueList<FormField>([new("a", "b")]), "s", Encoding.UTF8.GetBytes("SENTINEL"));
        ReadOnlyMemory<byte> content = form.Content;
        Assert.Equal("a=b&s=SENTINEL", Encoding.UTF8.GetString(content.Span));

        form.Dispose();

        Assert.Equal(-1, content.Span.IndexOfAnyExcept((byte)0));
    }

    private void Answers(string body, int status = 200) => _answer = context =>
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(body);
    };
}
