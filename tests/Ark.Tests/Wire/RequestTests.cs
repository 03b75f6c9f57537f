using System.Text;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Wire;

public sealed class RequestTests
{
    private const string Secret = "SENTINEL-session-token";

    /// <summary>Protocol version 1. A change here is a new version.</summary>
    private const string Golden =
        "41524B1A" + "01" + "01" + "0000" + "24000000" + "0807060504030201" // header
        + "0500" + "302E312E30" // build
        + "01" // get
        + "04000000" + "686F7374" // payload
        + "0100" + "0B00" + "4157535F50524F46494C45" + "0300" + "646576"; // one variable

    [Fact]
    public void A_request_is_these_bytes()
    {
        var request = new Request("0.1.0", Verb.Get, "host"u8.ToArray(), With(("AWS_PROFILE", "dev")));
        Assert.Equal(Golden, Convert.ToHexString(request.ToFrame(0x0102030405060708)!));
    }

    [Fact]
    public void Verbs_keep_their_numbers() =>
        Assert.Equal(
            [
                (1, "Get"), (2, "Store"), (3, "Erase"), (4, "List"), (16, "Status"), (17, "Token"), (18, "Refresh"), (19, "Hosts"),
                (20, "Organizations"), (21, "Validate"), (22, "Use"), (23, "Propose"), (24, "Describe"),
                (25, "ListRepositories"), (26, "CreateRepository"), (27, "DeleteRepository"), (28, "LocateRepository"), (29, "Login"),
                (30, "Explain"),
            ],
            Enum.GetValues<Verb>().Select(verb => ((int)verb, verb.ToString())));

    [Fact]
    public void Every_variable_and_any_payload_come_back()
    {
        var all = IdentityVariables.Names.ToDictionary(name => name, name => $"{name} = ünï\n");
        Always.Holds<byte[], ulong, bool>((payload, id, _) =>
        {
            byte[] frame = new Request("0.1.0", Verb.Store, payload, all).ToFrame(id)!;
            return Request.Parse(frame.AsSpan(Frame.HeaderLength)) is { Build: "0.1.0", Verb: Verb.Store } read
                && read.Payload.AsSpan().SequenceEqual(payload)
                && read.Identity.Count == all.Count
                && all.All(pair => pair.Value == ValueOf(read.Identity, pair.Key));
        });
    }

    [Fact]
    public void An_unknown_verb_comes_through_for_the_daemon_to_name() =>
        Assert.Equal((Verb)200, Parse(new Request("9.9.9", (Verb)200, [], With()))!.Verb);

    [Fact]
    public void Variables_that_are_not_ours_to_send_are_refused() =>
        Assert.Null(Parse(new Request("0.1.0", Verb.Get, [], With(("LD_PRELOAD", "x")))));

    [Fact]
    public void A_variable_that_comes_twice_is_refused()
    {
        byte[] body = Body(new Request("0.1.0", Verb.Get, [], With(("AWS_PROFILE", "a"), ("AWS_REGION", "b"))));
        int place = body.AsSpan().IndexOf("AWS_REGION"u8);
        byte[] twice = [.. body.AsSpan(0, place - 2), 11, 0, .. "AWS_PROFILE"u8, .. body.AsSpan(place + "AWS_REGION".Length)];
        Assert.Null(Request.Parse(twice));
    }

    [Fact]
    public void A_body_that_is_cut_or_has_more_is_refused()
    {
        byte[] body = Body(new Request("0.1.0", Verb.Get, "host"u8.ToArray(), With(("AWS_PROFILE", "dev"))));
        for (int length = 0; length < body.Length; length++)
        {
            Assert.Null(Request.Parse(body.AsSpan(0, length)));
        }

        Assert.Null(Request.Parse([.. body, 0]));
    }

    [Fact]
    public void Text_that_is_not_utf8_is_refused()
    {
        byte[] body = Body(new Request("0.1.0", Verb.Get, [], With(("AWS_PROFILE", "dev"))));
        body[^1] = 0xFF;
        Assert.Null(Request.Parse(body));
    }

    [Theory]
    [InlineData("HOME")]
    [InlineData("AWS_SESSION_TOKEN")]
    public void A_variable_with_a_NUL_is_refused(string name) =>
        Assert.Null(Parse(new Request("0.1.0", Verb.Get, [], With((name, "/home/me\0/x")))));

    [Fact]
    public void Any_bytes_parse_or_are_refused_and_never_throw() =>
        Always.Holds<byte[], int, byte>((noise, place, value) =>
        {
            _ = Request.Parse(noise);
            byte[] body = Body(new Request("0.1.0", Verb.Get, noise, With(("AWS_PROFILE", "dev"))));
            body[(int)((uint)place % (uint)body.Length)] = value;
            _ = Request.Parse(body);
            return true;
        });

    [Fact]
    public void What_fits_exactly_is_sent_and_one_byte_more_is_not()
    {
        int room = Frame.MaxBody - Body(new Request("0.1.0", Verb.Get, [], With())).Length;
        Assert.Equal(Frame.HeaderLength + Frame.MaxBody, new Request("0.1.0", Verb.Get, new byte[room], With()).ToFrame(1)!.Length);
        Assert.Null(new Request("0.1.0", Verb.Get, new byte[room + 1], With()).ToFrame(1));
    }

    [Theory]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(1_000_000)]
    public void A_variable_that_does_not_fit_makes_no_frame(int length) =>
        Assert.Null(new Request("0.1.0", Verb.Get, "host"u8.ToArray(), With(("AWS_SESSION_TOKEN", new string('x', length)))).ToFrame(1));

    [Fact]
    public void It_never_shows_what_it_carries()
    {
        var request = new Request("0.1.0", Verb.Store, Encoding.UTF8.GetBytes(Secret), With(("AWS_SESSION_TOKEN", Secret)));
        Assert.Equal("Store from 0.1.0", $"{request}");
    }

    [Fact]
    public void Only_the_listed_variables_are_collected_and_no_empty_ones()
    {
        Dictionary<string, string> set = With(("AWS_PROFILE", "dev"), ("AWS_REGION", ""), ("PATH", "/bin"), ("AWS_EXECUTION_ENV", "x"));
        Assert.Equal([KeyValuePair.Create("AWS_PROFILE", "dev")], IdentityVariables.Collect(set.GetValueOrDefault));
    }

    [Theory]
    [InlineData("AWS_CONFIG_FILE", "conf/aws", true)]
    [InlineData("AWS_SHARED_CREDENTIALS_FILE", "./credentials", true)]
    [InlineData("AWS_WEB_IDENTITY_TOKEN_FILE", "../token", true)]
    [InlineData("AWS_CA_BUNDLE", "roots.pem", true)]
    [InlineData("AWS_LOGIN_CACHE_DIRECTORY", "cache", true)]
    [InlineData("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "token", true)]
    [InlineData("AWS_CONFIG_FILE", "~/aws", false)]
    [InlineData("AWS_CONFIG_FILE", "/aws", false)]
    [InlineData("AWS_WEB_IDENTITY_TOKEN_FILE", "eyJ.SENTINEL", false)]
    [InlineData("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials", false)]
    [InlineData("AWS_PROFILE", "dev", false)]
    [InlineData("HOME", "home", false)]
    public void A_relative_path_of_a_file_of_AWS_is_sent_as_the_caller_means_it(string variable, string value, bool isMadeAbsolute)
    {
        string sent = IdentityVariables.Collect(With((variable, value)).GetValueOrDefault)[variable];
        Assert.Equal(isMadeAbsolute ? Path.Join(Environment.CurrentDirectory, value) : value, sent);
    }

    [Fact]
    public void What_is_blank_is_as_good_as_unset()
    {
        Request read = Parse(new Request("0.1.0", Verb.Get, [], With(("AWS_ACCESS_KEY_ID", " "), ("AWS_SECRET_ACCESS_KEY", " \r\n"))))!;
        Assert.Null(read.Identity.Text("AWS_ACCESS_KEY_ID"));
        Assert.True(read.Identity.Secret("AWS_SECRET_ACCESS_KEY").IsEmpty);
        Assert.Null(read.Identity.CopySecret("AWS_SECRET_ACCESS_KEY"));
    }

    [Fact]
    public void What_a_variable_holds_as_a_secret_is_never_text_and_is_gone_after_the_request()
    {
        Dictionary<string, string> secrets = With(("AWS_SECRET_ACCESS_KEY", "SENTINEL"), ("AWS_SESSION_TOKEN", Secret));
        Request read = Parse(new Request("0.1.0", Verb.Store, Encoding.UTF8.GetBytes(Secret), secrets))!;
        using Ark.Wire.Secret kept = read.Identity.CopySecret("AWS_SESSION_TOKEN")!;
        Assert.Throws<ArgumentException>(() => read.Identity.Text("AWS_SECRET_ACCESS_KEY"));

        read.Dispose();

        Assert.True(read.Identity.Secret("AWS_SECRET_ACCESS_KEY").IsEmpty);
        Assert.True(read.Identity.Secret("AWS_SESSION_TOKEN").IsEmpty);
        Assert.DoesNotContain(read.Payload, value => value != 0);
        Assert.Null(read.Identity.CopySecret("AWS_SESSION_TOKEN"));
        Assert.Equal(Secret, Encoding.UTF8.GetString(kept.Bytes));
    }

    [Fact]
    public void Whoever_keeps_a_callers_variables_has_no_keys_among_them()
    {
        CallerVariables all = CallerVariables.Of(With(
            ("AWS_PROFILE", "dev"),
            ("AWS_ACCESS_KEY_ID", "AKIA"),
            ("AWS_SECRET_ACCESS_KEY", "SENTINEL"),
            ("AWS_SESSION_TOKEN", "SENTINEL")));

        CallerVariables kept = all.WithoutKeys();

        Assert.Equal((1, "dev"), (kept.Count, kept.Text("AWS_PROFILE")));
        Assert.True(all.ContainsKey("AWS_ACCESS_KEY_ID"));
        Assert.False(kept.ContainsKey("AWS_ACCESS_KEY_ID"));
        Assert.Null(kept.CopySecret("AWS_SECRET_ACCESS_KEY"));
    }

    private static string? ValueOf(CallerVariables variables, string name) =>
        IdentityVariables.Secrets.Contains(name) ? Encoding.UTF8.GetString(variables.Secret(name)) : variables.Text(name);

    private static Request? Parse(Request request) => Request.Parse(Body(request));

    private static byte[] Body(Request request) => request.ToFrame(1)![Frame.HeaderLength..];

    private static Dictionary<string, string> With(params (string Name, string Value)[] variables) =>
        variables.ToDictionary(variable => variable.Name, variable => variable.Value);
}
