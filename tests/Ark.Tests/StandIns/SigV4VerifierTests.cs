using System.Text;
using Ark.Testing;
using Ark.Testing.Aws;
using Xunit;

namespace Ark.Tests.StandIns;

/// <summary>The vectors are AWS's published Signature Version 4 test suite.</summary>
public sealed class SigV4VerifierTests
{
    private const string SuiteToken =
        "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/"
        + "qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xV"
        + "qr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

    private static readonly DateTimeOffset SuiteTime = new(2015, 8, 30, 12, 36, 0, TimeSpan.Zero);

    private readonly ManualClock _clock = new(SuiteTime);
    private Principal _example = new(
        "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", null, "123456789012", "arn:aws:iam::123456789012:user/example", null);

    [Theory]
    [InlineData("GET", "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("POST", "/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    [InlineData("GET", "/?Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    [InlineData("GET", "/ሴ", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85")]
    [InlineData("GET", "/example/..", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("GET", "//", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    public void The_suites_plain_requests_are_accepted(string method, string target, string signature) =>
        Assert.IsType<SignatureVerdict.Accepted>(Verify(Request(method, target, signature)));

    [Fact]
    public void The_suites_form_is_accepted_with_its_body_and_refused_with_another()
    {
        var form = Request(
            "POST",
            "/",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
            "Param1=value1",
            ("Content-Type", "application/x-www-form-urlencoded"));

        Assert.IsType<SignatureVerdict.Accepted>(Verify(form));
        Assert.Equal(SignatureFault.Mismatch, Fault(Verify(form with { Body = Encoding.ASCII.GetBytes("Param1=value2") })));
    }

    [Fact]
    public void The_suites_header_values_are_trimmed_and_their_blanks_collapsed() =>
        Assert.IsType<SignatureVerdict.Accepted>(Verify(Request(
            "GET",
            "/",
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
            "",
            ("My-Header1", " value1"),
            ("My-Header2", " \"a   b   c\""))));

    [Fact]
    public void The_suites_session_token_is_part_of_what_is_signed()
    {
        _example = _example with { SessionToken = SuiteToken };
        var request = Request(
            "POST",
            "/",
            "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
            "",
            ("X-Amz-Security-Token", SuiteToken));

        Assert.IsType<SignatureVerdict.Accepted>(Verify(request));
        _example = _example with { ExpiresAt = SuiteTime };
        Assert.Equal(SignatureFault.ExpiredSession, Fault(Verify(request)));
        _example = _example with { SessionToken = "another" };
        Assert.Equal(SignatureFault.UnknownKey, Fault(Verify(request)));
    }

    [Fact]
    public void Scope_and_caller_are_reported()
    {
        var accepted = Assert.IsType<SignatureVerdict.Accepted>(Verify(Vanilla()));

        Assert.Equal(new SignatureVerdict.Accepted(_example, "us-east-1", "service"), accepted);
    }

    [Theory]
    [InlineData("Host", "example.amazonaws.com", "example.amazonaws.org")]
    [InlineData("Authorization", "us-east-1", "us-east-2")]
    [InlineData("Authorization", "/service/", "/ecr/")]
    [InlineData("Authorization", "Signature=5f", "Signature=6f")]
    public void A_tampered_request_is_refused(string header, string was, string now)
    {
        var request = Vanilla();
        var tampered = request with
        {
            Headers = [.. request.Headers.Select(pair => pair.Key == header
                ? KeyValuePair.Create(header, pair.Value.Replace(was, now, StringComparison.Ordinal)) : pair)],
        };

        Assert.NotEqual(request.Header(header), tampered.Header(header));
        Assert.Equal(SignatureFault.Mismatch, Fault(Verify(tampered)));
    }

    [Fact]
    public void Another_secret_is_refused()
    {
        _example = _example with { Secret = "another" };

        Assert.Equal(SignatureFault.Mismatch, Fault(Verify(Vanilla())));
    }

    [Fact]
    public void A_header_of_amazon_that_was_not_signed_is_refused()
    {
        var request = Vanilla();

        Assert.Equal(SignatureFault.Mismatch, Fault(Verify(request with
        {
            Headers = [.. request.Headers, KeyValuePair.Create("X-Amz-Target", "Service.Operation")],
        })));
    }

    [Fact]
    public void Without_the_header_the_token_is_missing_and_with_another_scheme_incomplete()
    {
        var request = Vanilla();
        KeyValuePair<string, string>[] bare = [.. request.Headers.Where(header => header.Key != "Authorization")];

        Assert.Equal(SignatureFault.Missing, Fault(Verify(request with { Headers = bare })));
        Assert.Equal(SignatureFault.Incomplete, Fault(Verify(request with
        {
            Headers = [.. bare, KeyValuePair.Create("Authorization", "Basic QVdTOg==")],
        })));
    }

    [Theory]
    [InlineData(300, true)]
    [InlineData(-300, true)]
    [InlineData(301, false)]
    [InlineData(-301, false)]
    public void A_signature_is_good_for_five_minutes_either_way(int seconds, bool accepted)
    {
        _clock.JumpWall(TimeSpan.FromSeconds(seconds));

        Assert.Equal(accepted, Verify(Vanilla()) is SignatureVerdict.Accepted);
    }

    [Fact]
    public void A_late_signature_is_told_the_time()
    {
        _clock.JumpWall(TimeSpan.FromMinutes(10));

        Assert.Equal(
            "Signature expired: 20150830T123600Z is now earlier than 20150830T124100Z (20150830T124600Z - 5 min.)",
            Assert.IsType<SignatureVerdict.Refused>(Verify(Vanilla())).Message);
    }

    private static SignatureFault Fault(SignatureVerdict verdict) => Assert.IsType<SignatureVerdict.Refused>(verdict).Fault;

    private static SignedRequest Vanilla() =>
        Request("GET", "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");

    private static SignedRequest Request(
        string method, string target, string signature, string body = "", params (string Name, string Value)[] more)
    {
        (string Name, string Value)[] headers = [("Host", "example.amazonaws.com"), ("X-Amz-Date", "20150830T123600Z"), .. more];
        var signed = string.Join(';', headers.Select(header => header.Name.ToLowerInvariant()).Order(StringComparer.Ordinal));
        var authorization = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            + $"SignedHeaders={signed}, Signature={signature}";
        return new SignedRequest(
            method,
            target,
            [.. headers.Append(("Authorization", authorization)).Select(header => KeyValuePair.Create(header.Item1, header.Item2))],
            Encoding.ASCII.GetBytes(body));
    }

    private SignatureVerdict Verify(SignedRequest request) =>
        new SigV4Verifier(key => key == _example.AccessKeyId ? _example : null, _clock).Verify(request);
}
