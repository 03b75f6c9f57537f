using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Testing.Aws;
using Xunit;

namespace Ark.Tests.Aws;

public sealed class EndpointTests
{
    private const string Settings =
        """
        [default]
        services = local
        endpoint_url = https://general.example.com
        [services local]
        ecr =
          endpoint_url = https://listed.example.com
        """;

    [Theory]
    [InlineData("", "https://listed.example.com")]
    [InlineData("AWS_ENDPOINT_URL=https://all.example.com/", "https://all.example.com")]
    [InlineData("AWS_ENDPOINT_URL=https://all.example.com;AWS_ENDPOINT_URL_ECR=https://own.example.com", "https://own.example.com")]
    [InlineData("AWS_ENDPOINT_URL_ECR_PUBLIC=https://own.example.com", "https://listed.example.com")]
    [InlineData("AWS_ENDPOINT_URL=https://all.example.com;AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true", "")]
    [InlineData("AWS_ENDPOINT_URL=https://api.ecr.invalid", "")]
    public async Task The_address_is_found_in_AWSs_order_and_part_of_the_key(string variables, string expected)
    {
        await using SomeCaller caller = await NowhereAsync(variables);

        Assert.Equal(expected, caller.Found().Key.Endpoint);
    }

    [Fact]
    public async Task The_public_gallery_has_a_variable_of_its_own_and_else_the_general_address()
    {
        await using SomeCaller caller = await NowhereAsync("");
        EcrSource gallery = SomeCaller.Source(EcrService.EcrPublic);
        Assert.Equal("https://general.example.com", caller.Found(gallery).Key.Endpoint);

        caller.Variables["AWS_ENDPOINT_URL_ECR_PUBLIC"] = "https://gallery.example.com";
        Assert.Equal("https://gallery.example.com", caller.Found(gallery).Key.Endpoint);
    }

    [Fact]
    public async Task The_configurations_address_beats_the_callers()
    {
        await using SomeCaller caller = await NowhereAsync("AWS_ENDPOINT_URL_ECR=https://own.example.com");

        Assert.Equal("https://configured.example.com", caller.Found(SomeCaller.Source(endpoint: "https://configured.example.com")).Key.Endpoint);
    }

    [Theory]
    [InlineData("http://127.0.0.1:4566", null)]
    [InlineData("http://127.9.9.9", null)]
    [InlineData("http://[::1]:80", null)]
    [InlineData("http://localhost:4566/", null)]
    [InlineData("http://ecr.example.com", "another machine")]
    [InlineData("http://127.0.0.1.example.com", "another machine")]
    [InlineData("http://localhost.example.com", "another machine")]
    [InlineData("ftp://127.0.0.1", "address")]
    [InlineData("ecr.example.com", "address")]
    [InlineData("https://ecr.example.com?x=y", "only")]
    [InlineData("https://user:SENTINEL@ecr.example.com", "only")]
    [InlineData("https://ecr。example.com", "address")]
    public async Task Plain_http_is_for_this_machine_only(string address, string? fault)
    {
        await using SomeCaller caller = await NowhereAsync("AWS_ENDPOINT_URL=" + address);

        if (fault is null)
        {
            Assert.NotNull(caller.Found());
        }
        else
        {
            Problem problem = caller.Refused();
            Assert.Equal(ProblemKind.BadSetting, problem.Kind);
            Assert.StartsWith("AWS_ENDPOINT_URL ", problem.Message, StringComparison.Ordinal);
            Assert.Contains(fault, problem.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_configured_profile_takes_only_its_roles_from_its_own_address()
    {
        await using SomeCaller caller = await SomeCaller.StartAsync();
        const string Role = "arn:aws:iam::123456789012:role/builder";
        caller.Aws.AddRole(Role);
        caller.Home.WriteAwsConfig($"[profile x]\nrole_arn = {Role}\nsource_profile = x\nendpoint_url = {caller.Endpoint}\n");
        caller.Home.WriteAwsCredentials($"[x]\naws_access_key_id = {SomeCaller.KeyId}\naws_secret_access_key = {SomeCaller.Secret}\n");
        caller.Variables.Clear();

        Assert.Empty(caller.Found(SomeCaller.Source(profile: "x")).Key.Endpoint);
        IssuedToken token = await caller.FetchAsync(SomeCaller.Source(profile: "x", endpoint: caller.Endpoint));
        Assert.Equal(1, caller.Aws.Calls("AssumeRole"));
        Assert.Contains(":assumed-role/builder/ark", token.Principal.Arn, StringComparison.Ordinal);
    }

    private static async Task<SomeCaller> NowhereAsync(string variables)
    {
        SomeCaller caller = (await SomeCaller.StartAsync()).WithKeys();
        caller.Variables.Remove("AWS_ENDPOINT_URL");
        caller.Home.WriteAwsConfig(Settings);
        foreach (string[] pair in variables.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(static pair => pair.Split('=', 2)))
        {
            caller.Variables[pair[0]] = pair[1];
        }

        return caller;
    }
}
