using System.Text;
using Ark.Core.Configuration;
using Ark.Core.Problems;
using Xunit;

namespace Ark.Tests.Configuration;

public sealed class ConfigurationErrorTests
{
    private const string Path = "/home/some/.config/ark/config.json";

    /// <summary>Each case marks the place of its one error with <c>▶</c>, which is taken out before the file is read.</summary>
    [Theory]
    [InlineData("▶[]", "the configuration must be an object, not [")]
    [InlineData("{\n  ▶\"mod\": \"auto\" }", "unknown property \"mod\"; did you mean \"mode\"?")]
    [InlineData("{ ▶\"Mode\": \"auto\" }", "unknown property \"Mode\"; did you mean \"mode\"?")]
    [InlineData("{ ▶\"color\": 1 }", "unknown property \"color\"")]
    [InlineData("{ \"mode\": \"auto\",\n\n ▶\"mode\": \"auto\" }", "duplicate property \"mode\"")]
    [InlineData("{ \"mode\": \"auto\", ▶\"m\\u006fde\": \"mapped-only\" }", "duplicate property \"mode\"")]
    [InlineData("{ \"mode\": ▶\"strict\" }", "invalid mode \"strict\": must be auto or mapped-only")]
    [InlineData("{ \"fallbackHelper\": \"pass\", ▶\"chain\": \"pass\" }", "specify \"fallbackHelper\" or \"chain\", which is its old name, not both")]
    [InlineData("{ \"chain\": \"pass\", ▶\"fallbackHelper\": null }", "specify \"fallbackHelper\" or \"chain\"")]
    [InlineData("{ \"chain\": ▶\"ark\" }", "invalid chain \"ark\": must not be ark itself")]
    [InlineData("{ \"mode\": ▶null }", "mode must be a string, not null")]
    [InlineData("{ \"mode\": ▶[[1]] }", "mode must be a string, not [")]
    [InlineData("{ \"$schema\": ▶1 }", "$schema must be a string, not 1")]
    [InlineData("{ \"défaut\": 1 }", "unknown property \"d\\u00e9faut\"", 1, 3)]
    [InlineData("{ /* é */ ▶\"x\": 1 }", "unknown property \"x\"")]
    [InlineData("{ \"defaultOrganization\": ▶\"tbd\" }", "no organization \"tbd\" for defaultOrganization")]
    [InlineData("{ \"refresh\": { \"at\": ▶1.5 } }", "invalid at 1.5: must be from 0.1 to 0.9")]
    [InlineData("{ \"refresh\": { \"at\": ▶0 } }", "invalid at 0: ")]
    [InlineData("{ \"refresh\": { \"at\": ▶1e999 } }", "invalid at 1e999: ")]
    [InlineData("{ \"refresh\": { \"at\": ▶\"0.5\" } }", "at must be a number, not \"0.5\"")]
    [InlineData("{ \"refresh\": { \"minRemaining\": ▶\"5 minutes\" } }", "invalid minRemaining \"5 minutes\": must be an ISO 8601 duration from PT1S to PT6H")]
    [InlineData("{ \"refresh\": { \"minRemaining\": ▶\"PT0S\" } }", "\"PT0S\"")]
    [InlineData("{ \"refresh\": { \"minRemaining\": ▶\"PT7H\" } }", "\"PT7H\"")]
    [InlineData("{ \"refresh\": { \"minRemaining\": ▶300 } }", "minRemaining must be a string, not 300")]
    [InlineData("{ \"refresh\": ▶null }", "refresh must be an object, not null")]
    [InlineData("{ \"organizations\": ▶{} }", "organizations must be an array, not {")]
    [InlineData("{ \"organizations\": [▶\"tbd\"] }", "an organization must be an object, not \"tbd\"")]
    [InlineData("{ \"organizations\": [▶{ \"registries\": [] }] }", "an organization needs \"name\"")]
    [InlineData("{ \"organizations\": [▶{ \"name\": \"a\" }] }", "an organization needs \"registries\"")]
    [InlineData("{ \"organizations\": [{ \"name\": ▶\"Tbd Robotics\", \"registries\": [] }] }", "invalid name \"Tbd Robotics\": must be lower-case letters, digits and hyphens")]
    [InlineData("{ \"organizations\": [{ \"name\": ▶\"bbbbbbbb-1111-4111-8111-111111111111\", \"registries\": [] }] }", "and not a GUID")]
    [InlineData("{ \"organizations\": [{ \"name\": ▶\"-a\", \"registries\": [] }] }", "invalid name \"-a\"")]
    [InlineData("{ \"organizations\": [{ \"name\": ▶\"\", \"registries\": [] }] }", "invalid name \"\"")]
    [InlineData("{ \"organizations\": [{ \"id\": ▶\"tbd\", \"name\": \"a\", \"registries\": [] }] }", "invalid id \"tbd\": must be a GUID with hyphens")]
    [InlineData("{ \"organizations\": [{ \"name\": \"a\", \"registries\": [] }, { \"name\": ▶\"a\", \"registries\": [] }] }", "duplicate organization name \"a\"")]
    [InlineData("{ \"mode\": ▶\"\\ud800\" }", "\"\\ud800\" holds half a surrogate pair")]
    [InlineData("{ ▶\"\\udc00\": 1 }", "\"\\udc00\" holds half a surrogate pair")]
    public void An_error_names_file_line_column_and_value(string marked, string message, int line = 0, int column = 0) =>
        AssertOneError(marked, message, line, column);

    [Theory]
    [InlineData("\"hosts\": [\"h.example\"], ▶\"hots\": []", "unknown property \"hots\"; did you mean \"hosts\"?")]
    [InlineData("\"hosts\": ▶[]", "hosts must have at least one entry, not 0")]
    [InlineData("\"hosts\": ▶\"h.example\"", "hosts must be an array, not \"h.example\"")]
    [InlineData("\"hosts\": [▶7]", "host must be a string, not 7")]
    [InlineData("\"hosts\": [▶\"\"]", "invalid host \"\": it is empty")]
    [InlineData("\"hosts\": [▶\"h.example/team\"]", "it names a repository")]
    [InlineData("\"hosts\": [▶\"http://h.example\"]", "the only scheme of a registry address is https://")]
    [InlineData("\"hosts\": [▶\"*.example\"]", "two labels at least must follow the one with the '*'")]
    [InlineData("\"hosts\": [▶\"10.0.0.*\"]", "two labels at least must follow")]
    [InlineData("\"hosts\": [▶\"*.*.example.com\"]", "it has more than one '*'")]
    [InlineData("\"hosts\": [▶\"https://*.example.com\"]", "a pattern is a host alone")]
    [InlineData("\"hosts\": [▶\"*.example.com/team\"]", "a pattern is a host alone")]
    [InlineData("\"hosts\": [▶\"h_*.example.com\"]", "has no place in a host name")]
    [InlineData("\"hosts\": [\"*.example.com\", ▶\"*.EXAMPLE.com:443\"]", "duplicate host \"*.EXAMPLE.com:443\"")]
    [InlineData("\"hosts\": [▶\"h\\u0000.example\"]", "invalid host \"h\\u0000.example\": ")]
    [InlineData("\"hosts\": [\"h.example\", ▶\"H.example:443\"]", "duplicate host \"H.example:443\" in organization \"a\"")]
    [InlineData("\"hosts\": [▶\"docker.io\"]", "is Docker Hub, which is not an ECR registry")]
    [InlineData("\"hosts\": [▶\"public.ecr.aws\"]", "is the public gallery: its type is \"ecr-public\"")]
    [InlineData("\"hosts\": [\"h.example\"], \"repositoryPrefix\": ▶\"prod/\"", "invalid repositoryPrefix \"prod/\": must be a repository path")]
    [InlineData("\"hosts\": [\"h.example\"], \"repositoryPrefix\": ▶\"Prod\"", "invalid repositoryPrefix \"Prod\"")]
    [InlineData("\"hosts\": [\"h.example\"], \"repositoryPrefix\": ▶\"a:b\"", "invalid repositoryPrefix \"a:b\"")]
    public void A_mistake_in_a_registry_is_named(string marked, string message) => AssertOneError(
        $$"""
        { "organizations": [{ "name": "a", "registries": [{
            {{marked}},
            "source": { "type": "ecr", "accountId": "123456789012", "region": "eu-west-1" } }] }] }
        """,
        message);

    [Theory]
    [InlineData("h.example", "▶{ \"profile\": \"p\" }", "a source needs \"type\"")]
    [InlineData("h.example", "▶null", "source must be an object, not null")]
    [InlineData("h.example", "{ \"type\": ▶\"s3\" }", "invalid type \"s3\": must be ecr, ecr-public")]
    [InlineData("▶h.example", "{ \"type\": \"ecr\" }", "needs \"accountId\" and \"region\"")]
    [InlineData("▶h.example", "{ \"type\": \"ecr\", \"accountId\": \"123456789012\" }", "needs \"accountId\" and \"region\"")]
    [InlineData("h.example", "{ \"type\": \"ecr\", \"accountId\": ▶\"12345678901\" }", "invalid accountId \"12345678901\": must be 12 digits")]
    [InlineData("h.example", "{ \"type\": \"ecr\", \"accountId\": ▶123456789012 }", "accountId must be a string, not 123456789012")]
    [InlineData("h.example", "{ \"type\": \"ecr\", \"region\": ▶\"Ireland\" }", "invalid region \"Ireland\": must be an AWS region such as eu-west-1")]
    [InlineData("h.example", "{ \"type\": \"ecr\", \"profile\": ▶\"\" }", "invalid profile \"\": ")]
    [InlineData("h.example", "{ \"type\": \"ecr\", \"profile\": ▶\"a\\nb\" }", "invalid profile \"a\\u000ab\": ")]
    [InlineData("h.example", "{ \"type\": \"ecr\", ▶\"profil\": \"p\" }", "did you mean \"profile\"?")]
    [InlineData("h.example", "{ \"type\": \"ecr-public\", ▶\"region\": \"us-east-1\" }", "unknown property \"region\"")]
    [InlineData(Ecr, "{ \"type\": \"ecr\", \"roleArn\": ▶\"arn:aws:iam::1:role/x\" }", "invalid roleArn \"arn:aws:iam::1:role/x\": must be a role")]
    [InlineData(Ecr, "{ \"type\": \"ecr\", \"roleArn\": ▶\"arn:aws:iam::123456789012:user/x\" }", "invalid roleArn ")]
    [InlineData(Ecr, "{ \"type\": \"ecr\", \"roleArn\": ▶\"arn:aws-cn:iam::123456789012:role/x\" }", "is a role of partition aws-cn, and the registry is in aws")]
    [InlineData(Ecr, "{ \"type\": \"ecr\", \"externalId\": ▶\"xx\" }", "externalId \"xx\" needs \"roleArn\"")]
    [InlineData(Ecr, "{ \"type\": \"ecr\", \"scope\": ▶\"pull\" }", "scope \"pull\" needs \"roleArn\"")]
    [InlineData(Ecr, "{ \"type\": \"ecr\", \"scope\": ▶\"read\" }", "invalid scope \"read\": must be none, pull or push")]
    [InlineData(Ecr, "{ \"type\": \"ecr\", \"sessionName\": ▶\"a b\" }", "invalid sessionName \"a b\"")]
    [InlineData(Ecr, "{ \"type\": \"ecr\", \"fips\": ▶\"yes\" }", "fips must be true or false, not \"yes\"")]
    [InlineData("▶" + Ecr, "{ \"type\": \"ecr\", \"fips\": true }", "says itself whether it is FIPS or dual-stack")]
    [InlineData("▶*.example.com", "{ \"type\": \"ecr\" }", "can stand for any registry: its source needs \"accountId\" and \"region\"")]
    [InlineData(Ecr, "{ \"type\": \"ecr\", \"profile\": \"p\", \"keys\": ▶{ \"file\": \"/k\" } }", "specify \"keys\" or \"profile\", not both")]
    [InlineData(Ecr, "{ \"type\": \"ecr\", \"keys\": { \"file\": ▶\"k\" } }", "invalid file \"k\": must be an absolute path, or one that begins with ~/")]
    [InlineData(Ecr, "{ \"type\": \"ecr\", \"keys\": ▶{ \"helper\": \"pass\" } }", "keys must have \"file\", or \"helper\" with \"server\", or \"command\", and nothing else")]
    [InlineData("h.example", "{ \"type\": ▶\"halper\" }", "did you mean \"helper\"?")]
    [InlineData("h.example", "▶{ \"type\": \"helper\" }", "a source of type \"helper\" needs \"helper\"")]
    [InlineData("h.example", "{ \"helper\": ▶\"ark\", \"type\": \"helper\" }", "invalid helper \"ark\": must not be ark itself")]
    [InlineData("h.example", "{ \"type\": \"helper\", \"helper\": ▶\"/opt/docker-credential-ark-acme\" }", "must not be ark itself")]
    [InlineData("h.example", "{ \"type\": \"helper\", \"helper\": ▶\"a/b\" }", "invalid helper \"a/b\": must be the part after docker-credential-")]
    [InlineData("h.example", "{ \"type\": \"helper\", \"helper\": \"pass\", \"lifetime\": ▶\"PT13H\" }", "invalid lifetime \"PT13H\": must be an ISO 8601 duration from PT0S to PT12H")]
    [InlineData("h.example", "{ \"type\": \"command\", \"command\": ▶[] }", "command must have 1 to 64 entries, not 0")]
    [InlineData("h.example", "{ \"type\": \"command\", \"command\": [▶7] }", "argument must be a string, not 7")]
    [InlineData("h.example", "{ \"type\": \"command\", \"command\": ▶\"gh auth token\" }", "command must be an array, not \"gh auth token\"")]
    [InlineData("h.example", "▶{ \"type\": \"static\", \"username\": \"u\" }", "a source of type \"static\" needs \"secret\"")]
    [InlineData("h.example", "{ \"type\": \"static\", \"secret\": ▶\"SENTINEL\" }", "secret must be an object, not \"SENTINEL\"")]
    [InlineData("h.example", "{ \"type\": \"oauth\", \"url\": ▶\"http://h.example/t\", \"secretField\": \"p\", \"secret\": { \"file\": \"/f\" }, \"username\": \"u\" }", "must begin with https://")]
    [InlineData("h.example", "{ \"type\": \"oauth\", \"url\": ▶\"https://h.example/t?x=1\", \"secretField\": \"p\", \"secret\": { \"file\": \"/f\" }, \"username\": \"u\" }", "must have a path of letters, digits and /._~%- only")]
    [InlineData("h.example", "{ \"type\": \"oauth\", \"url\": \"https://h.example/t\", \"form\": { \"a\": \"1\", ▶\"a\": \"2\" }, \"secretField\": \"p\", \"secret\": { \"file\": \"/f\" }, \"username\": \"u\" }", "duplicate property \"a\"")]
    [InlineData("▶" + Ecr, "{ \"type\": \"ecr-public\" }", "is a private registry: its type is \"ecr\"")]
    [InlineData("▶docker.io", "{ \"type\": \"ecr-public\" }", "is Docker Hub")]
    [InlineData(Ecr, "{ \"type\": \"ecr\", \"accountId\": ▶\"210987654321\" }", "\"210987654321\" is not the account of " + Ecr)]
    [InlineData(Ecr, "{ \"type\": \"ecr\", \"region\": ▶\"eu-west-1\" }", "\"eu-west-1\" is not the region of " + Ecr)]
    [InlineData(Ecr, "{ \"type\": \"ecr\", \"endpoint\": ▶\"ecr.example\" }", "invalid endpoint \"ecr.example\": must begin with https://")]
    [InlineData(Ecr, "{ \"type\": \"ecr\", \"endpoint\": ▶\"http://ecr.example\" }", "must begin with https://")]
    [InlineData(Ecr, "{ \"type\": \"ecr\", \"endpoint\": ▶\"http://127.evil.example\" }", "must begin with https://")]
    [InlineData(Ecr, "{ \"type\": \"ecr\", \"endpoint\": ▶\"http://127.0.0.256\" }", "must begin with https://")]
    [InlineData(Ecr, "{ \"type\": \"ecr\", \"endpoint\": ▶\"http://127.1\" }", "must begin with https://")]
    [InlineData(Ecr, "{ \"type\": \"ecr\", \"endpoint\": ▶\"http://127.0.0.1.5\" }", "must begin with https://")]
    [InlineData(Ecr, "{ \"type\": \"ecr\", \"endpoint\": ▶\"http://10.0.0.1\" }", "must begin with https://")]
    [InlineData(Ecr, "{ \"type\": \"ecr\", \"endpoint\": ▶\"https://u:p@ecr.example\" }", "no user name or password")]
    [InlineData(Ecr, "{ \"type\": \"ecr\", \"endpoint\": ▶\"https://ecr.example/path\" }", "'/' has no place in a host name")]
    [InlineData(Ecr, "{ \"type\": \"ecr\", \"endpoint\": ▶\"\" }", "must begin with https://")]
    public void A_mistake_in_a_source_is_named(string host, string source, string message) => AssertOneError(
        $$"""{ "organizations": [{ "name": "a", "registries": [{ "hosts": ["{{host}}"], "source": {{source}} }] }] }"""
            .Replace("\"▶", "▶\"", StringComparison.Ordinal),
        message);

    [Theory]
    [InlineData("▶[]", "repositoryDefaults must be an object, not [")]
    [InlineData("{ ▶\"tagMutabilty\": \"MUTABLE\" }", "did you mean \"tagMutability\"?")]
    [InlineData("{ \"tagMutability\": ▶\"immutable\" }", "invalid tagMutability \"immutable\": must be MUTABLE, IMMUTABLE")]
    [InlineData("{ \"tagMutability\": ▶\"IMMUTABLE_WITH_EXCLUSION\" }", "needs \"tagMutabilityExclusions\"")]
    [InlineData("{ \"tagMutability\": ▶\"IMMUTABLE\", \"tagMutabilityExclusions\": [\"latest\"] }", "does not allow \"tagMutabilityExclusions\"")]
    [InlineData("{ \"tagMutability\": \"MUTABLE_WITH_EXCLUSION\", \"tagMutabilityExclusions\": [▶\"v 1\"] }", "invalid tag pattern \"v 1\"")]
    [InlineData("{ \"tagMutability\": \"MUTABLE_WITH_EXCLUSION\", \"tagMutabilityExclusions\": ▶[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\"] }", "must have 1 to 5 entries, not 6")]
    [InlineData("{ \"encryption\": ▶{ \"kmsKey\": \"alias/x\" } }", "encryption needs \"type\"")]
    [InlineData("{ \"encryption\": { \"type\": \"AES256\", \"kmsKey\": ▶\"alias/x\" } }", "kmsKey \"alias/x\" needs type KMS or KMS_DSSE")]
    [InlineData("{ \"encryption\": { \"type\": ▶\"AES\" } }", "must be AES256, KMS or KMS_DSSE")]
    [InlineData("{ \"scanOnPush\": ▶\"true\" }", "scanOnPush must be true or false, not \"true\"")]
    [InlineData("{ \"tags\": { \"team\": ▶7 } }", "tag must be a string, not 7")]
    [InlineData("{ \"tags\": { \"team\": \"a\", ▶\"team\": \"b\" } }", "duplicate property \"team\"")]
    [InlineData("{ \"lifecyclePolicy\": ▶\"rules\" }", "lifecyclePolicy must be an object, not \"rules\"")]
    public void A_mistake_in_the_defaults_of_repositories_is_named(string marked, string message) => AssertOneError(
        $$"""
        { "organizations": [{ "name": "a", "registries": [{
            "hosts": ["{{Ecr}}"], "source": { "type": "ecr" }, "repositoryDefaults": {{marked}} }] }] }
        """,
        message);

    [Theory]
    [InlineData("▶", "not valid JSON: the file ends too early")]
    [InlineData("  // only a comment\n▶", "not valid JSON: the file ends too early")]
    [InlineData("{ \"mode\": ▶auto }", "not valid JSON: 'a' is wrong here")]
    [InlineData("{\n  \"mode\": \"auto\"\n  ▶\"refresh\": {} }", "not valid JSON: '\"' is wrong here")]
    [InlineData("{} ▶{}", "not valid JSON: '{' is wrong here")]
    [InlineData("{ \"mode\": \"auto\" ▶\u001b }", "not valid JSON: \\x1b is wrong here")]
    public void Broken_JSON_is_shown_where_it_breaks(string marked, string message) => AssertOneError(marked, message);

    [Fact]
    public void One_organization_cannot_have_one_prefix_twice_on_a_host()
    {
        const string Registry = """
            { "hosts": ["h.example"], "repositoryPrefix": "prod", "source": { "type": "ecr", "accountId": "123456789012", "region": "eu-west-1" } }
            """;

        ConfigurationError error = Assert.Single(Errors($$"""{ "organizations": [{ "name": "a", "registries": [{{Registry}}, {{Registry}}] }] }"""));

        Assert.Equal("duplicate host \"h.example\" with repositoryPrefix \"prod\" in organization \"a\"", error.Message);
    }

    [Fact]
    public void Two_organizations_cannot_have_one_id()
    {
        const string Id = "2ea25035-6aa4-42fb-9955-92288ea1b97";

        ConfigurationError error = Assert.Single(Errors(
            $$"""{ "organizations": [{ "id": "{{Id}}a", "name": "a", "registries": [] }, { "id": "{{Id}}A", "name": "b", "registries": [] }] }"""));

        Assert.Contains("duplicate organization id", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_default_that_is_nearly_an_organization_gets_a_hint() =>
        Assert.EndsWith(
            "did you mean \"acme\"?",
            Assert.Single(Errors("""{ "defaultOrganization": "acne", "organizations": [{ "name": "acme", "registries": [] }] }""")).Message,
            StringComparison.Ordinal);

    [Fact]
    public void All_errors_are_told_at_once_and_in_the_order_of_the_file()
    {
        IReadOnlyList<ConfigurationError> errors = Errors("{ \"mode\": \"x\",\n \"refresh\": { \"at\": 7 },\n \"colour\": 1 }");

        Assert.Equal([1, 2, 3], errors.Select(e => e.Line));
    }

    [Fact]
    public void Errors_are_bounded_and_the_problem_names_the_first()
    {
        string text = "{" + string.Join(",", Enumerable.Range(0, 1_000).Select(i => $"\"unknown-{i}\": 1")) + "}";

        var invalid = Assert.IsType<ConfigurationOutcome.Invalid>(Parse(text));

        Assert.Equal(20, invalid.Errors.Count);
        Assert.Equal(ProblemKind.BadConfiguration, invalid.Problem.Kind);
        Assert.Equal($"{Path}:1:2: unknown property \"unknown-0\" (and 19 more)", invalid.Problem.Message);
    }

    [Theory]
    [InlineData(10_000)]
    [InlineData(60 * 1024)]
    public void Deep_nesting_is_refused_and_not_followed(int depth)
    {
        string[] texts = [new('[', depth), $"{{ \"x\": {new string('[', depth)}{new string(']', depth)} }}"];

        Assert.All(texts, text => Assert.Contains(Errors(text), e => e.Message == "not valid JSON: '[' is wrong here"));
    }

    [Fact]
    public void A_byte_that_is_not_UTF8_is_shown_where_it_stands()
    {
        var invalid = Assert.IsType<ConfigurationOutcome.Invalid>(ConfigurationFile.Parse([.. "{\n  // "u8, 0xff, .. "\n}"u8], Path));

        Assert.Equal($"{Path}:2:6: not UTF-8: \\xff", Assert.Single(invalid.Errors).ToString());
    }

    [Fact]
    public void A_file_beyond_the_bound_is_refused_unread()
    {
        byte[] text = new byte[ConfigurationFile.MaxBytes + 1];
        text.AsSpan().Fill((byte)' ');

        var invalid = Assert.IsType<ConfigurationOutcome.Invalid>(ConfigurationFile.Parse(text, Path));

        Assert.Equal("the file is larger than 16 MiB", Assert.Single(invalid.Errors).Message);
    }

    private const string Ecr = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

    private static void AssertOneError(string marked, string message, int line = 0, int column = 0)
    {
        int mark = marked.IndexOf('▶', StringComparison.Ordinal);
        if (mark >= 0)
        {
            line = marked[..mark].Count(c => c == '\n') + 1;
            column = mark - marked[..mark].LastIndexOf('\n');
        }

        ConfigurationError error = Assert.Single(Errors(marked.Replace("▶", "", StringComparison.Ordinal)));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains(error.Value, error.Message, StringComparison.Ordinal);
        Assert.Equal((line, column), (error.Line, error.Column));
        Assert.Equal($"{Path}:{line}:{column}: {error.Message}", error.ToString());
        Assert.All(error.Message, c => Assert.InRange(c, ' ', '~'));
    }

    private static IReadOnlyList<ConfigurationError> Errors(string text) => Assert.IsType<ConfigurationOutcome.Invalid>(Parse(text)).Errors;

    private static ConfigurationOutcome Parse(string text) => ConfigurationFile.Parse(Encoding.UTF8.GetBytes(text), Path);
}
