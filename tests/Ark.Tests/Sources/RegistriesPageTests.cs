using System.Text;
using System.Text.RegularExpressions;
using Ark.Core.Configuration;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Testing;
using Ark.Tests.Architecture;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Ark.Tests.Sources;

/// <summary>
/// Every configuration on the page of registries does what the page says, with scripts in the place of the programs that it names.
/// </summary>
public sealed partial class RegistriesPageTests : IAsyncLifetime
{
    private readonly SourceFixture _fixture = new();
    private readonly List<string> _forms = [];
    private LoopbackServer? _server;

    public static TheoryData<string, string> Examples()
    {
        var examples = new TheoryData<string, string>();
        foreach (Match section in Section().Matches(Repository.Text("src/docs/registries.md")))
        {
            foreach (Match block in Block().Matches(section.Value))
            {
                examples.Add(section.Groups[1].Value, block.Groups[1].Value);
            }
        }

        return examples;
    }

    public async ValueTask InitializeAsync() => _server = await LoopbackServer.StartAsync(async context =>
    {
        using var reader = new StreamReader(context.Request.Body);
        _forms.Add(await reader.ReadToEndAsync());
        await context.Response.WriteAsync("""{"refresh_token":"SENTINEL"}""");
    });

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        _fixture.Dispose();
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task Every_example_is_a_configuration_through_which_a_password_comes(string section, string example)
    {
        ConfigurationOutcome outcome = ConfigurationFile.Parse(Encoding.UTF8.GetBytes(example), section);
        Assert.True(outcome is ConfigurationOutcome.Loaded, (outcome as ConfigurationOutcome.Invalid)?.Problem.Message);
        ArkConfiguration configuration = ((ConfigurationOutcome.Loaded)outcome).Configuration;
        Assert.True(configuration.Hosts.Count > 0 || configuration.FallbackHelper is not null);

        foreach (string host in configuration.Hosts)
        {
            Binding binding =
                Assert.IsType<Resolution.Found>(HostResolver.Resolve(outcome, Encoding.UTF8.GetBytes(host), _fixture.Caller)).Binding;
            (string username, string secret, TimeSpan life) = await _fixture.FetchAsync(Prepared(binding.Source));

            Assert.NotEmpty(username);
            Assert.Equal("SENTINEL", secret);
            Assert.InRange(life, TimeSpan.FromMinutes(1), TimeSpan.FromHours(12));
        }
    }

    [Fact]
    public void The_page_has_them_all()
    {
        string[] sections = [.. Examples().Select(example => example.Data.Item1).Distinct()];

        Assert.All(
            ["Docker Hub", "GitHub", "GitLab", "Google", "Azure", "JFrog", "Harbor", "Quay", "Chainguard", "fallback helper"],
            name => Assert.Contains(sections, section => section.Contains(name, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Azures_exchange_posts_what_the_registry_asks_for()
    {
        string example = Examples().Single(example => example.Data.Item1.StartsWith("Azure", StringComparison.Ordinal)).Data.Item2;
        ConfigurationOutcome configuration = ConfigurationFile.Parse(Encoding.UTF8.GetBytes(example), "azure");

        Resolution resolution = HostResolver.Resolve(configuration, "example.azurecr.io"u8, _fixture.Caller);
        await _fixture.FetchAsync(Prepared(Assert.IsType<Resolution.Found>(resolution).Binding.Source));

        Assert.Equal(
            "grant_type=access_token&service=example.azurecr.io&tenant=11111111-2222-3333-4444-555555555555&access_token=SENTINEL",
            Assert.Single(_forms));
        Assert.Equal("account get-access-token --query accessToken --output tsv\n", _fixture.Record("az", "argv"));
    }

    /// <summary>The source, with everything in place that it needs; an endpoint on this machine instead of its own.</summary>
    private RegistrySource Prepared(RegistrySource source)
    {
        switch (source)
        {
            case HelperSource helper:
                Prepare(new SecretReference.Helper(helper.Program, ""));
                return helper;

            case CommandSource command:
                Prepare(new SecretReference.Command(command.Arguments));
                return command;

            case StaticSource kept:
                Prepare(kept.Secret);
                return kept;

            case OAuthSource oauth:
                Prepare(oauth.Secret);
                return oauth with { Url = _server!.Endpoint.ToString() };

            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private void Prepare(SecretReference secret)
    {
        switch (secret)
        {
            case SecretReference.File(var path):
                _fixture.Home.Write(path["~/".Length..], "SENTINEL\n");
                break;

            case SecretReference.Helper(var program, _):
                _fixture.Program($"docker-credential-{program}", """echo '{"ServerURL":"x","Username":"somebody","Secret":"SENTINEL"}'""");
                break;

            case SecretReference.Command(var arguments):
                _fixture.Program(arguments[0], "echo SENTINEL");
                break;
        }
    }

    [GeneratedRegex(@"^## (.+)$(?s:.*?)(?=^## |\z)", RegexOptions.Multiline)]
    private static partial Regex Section();

    [GeneratedRegex(@"^```jsonc\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
