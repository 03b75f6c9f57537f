using System.Text.Json;
using Ark.EndToEnd.Faults;
using Ark.Testing;
using Xunit;

namespace Ark.EndToEnd.Organizations;

/// <summary>A fixture whose configuration has two organizations with a role each on one host, one alone on its own, and one that is broken.</summary>
internal sealed class TwoOrganizations : IAsyncDisposable
{
    /// <summary>Neither of the two is the default, and they are two identities.</summary>
    private const string Configuration = $$"""
        {
          "organizations": [
            { "name": "blue", "registries": [{ "hosts": ["{{DaemonFixture.Host}}", "blue.example.com"], "repositoryPrefix": "prod/blue",
                "source": { "type": "ecr", "endpoint": "ENDPOINT", "profile": "company", "roleArn": "arn:aws:iam::123456789012:role/blue", "scope": "push",
                            "accountId": "123456789012", "region": "us-east-1" } }] },
            { "name": "green", "registries": [{ "hosts": ["{{DaemonFixture.Host}}"], "repositoryPrefix": "prod/green",
                "source": { "type": "ecr", "endpoint": "ENDPOINT", "profile": "company", "roleArn": "arn:aws:iam::123456789012:role/green", "externalId": "green-1" } }] },
            { "name": "alone", "registries": [{ "hosts": ["alone.example.com"],
                "source": { "type": "ecr", "endpoint": "ENDPOINT", "profile": "company", "accountId": "123456789012", "region": "us-east-1" } }] },
            { "name": "broken", "registries": [{ "hosts": ["210987654321.dkr.ecr.us-east-1.amazonaws.com"], "source": { "type": "ecr", "profile": "nowhere" } }] },
          ],
        }
        """;

    private readonly bool _ownsHousehold;

    private TwoOrganizations(DaemonFixture fixture, bool ownsHousehold)
    {
        DaemonFixture = fixture;
        _ownsHousehold = ownsHousehold;
    }

    public DaemonFixture DaemonFixture { get; }

    /// <summary>The role whose session asked AWS for a token last.</summary>
    public string LastToAsk => RoleOf(DaemonFixture.Aws.Issued.MaxBy(token => token.IssuedAt)!.Principal.Arn);

    /// <summary>The same in a fixture that is there already.</summary>
    public static TwoOrganizations In(DaemonFixture fixture) => Furnish(new TwoOrganizations(fixture, ownsHousehold: false));

    public static async Task<TwoOrganizations> OpenAsync() => Furnish(new TwoOrganizations(await DaemonFixture.StartAsync(), ownsHousehold: true));

    /// <summary>Writes the configuration, changed as the test likes.</summary>
    public void WriteConfiguration(Func<string, string>? edit = null)
    {
        string configuration = Configuration.Replace("ENDPOINT", DaemonFixture.Aws.Endpoint.ToString(), StringComparison.Ordinal);
        DaemonFixture.Home.WriteConfiguration(edit is null ? configuration : edit(configuration));
    }

    /// <summary>Runs the helper by one of its names, as a link that stands where docker would find it.</summary>
    public Task<ProgramResult> GetAsync(string program, string registry) =>
        DaemonFixture.Home.RunAsync(Path.Combine(DaemonFixture.Home.Home, "bin", program), ["get"], registry);

    /// <summary>The role whose session the password in a helper's answer stands for.</summary>
    public string WhoAsked(ProgramResult answer)
    {
        Assert.True(answer.ExitCode == 0, answer.ToString());
        using var json = JsonDocument.Parse(answer.Output);
        return RoleOf(DaemonFixture.Aws.FindToken(json.RootElement.GetProperty("Secret").GetString()!)!.Principal.Arn);
    }

    public ValueTask DisposeAsync() => _ownsHousehold ? DaemonFixture.DisposeAsync() : ValueTask.CompletedTask;

    private static TwoOrganizations Furnish(TwoOrganizations place)
    {
        var fixture = place.DaemonFixture;
        fixture.Aws.AddPrincipal("AKIACOMPANY000000000", "SENTINEL-company", name: "company");
        fixture.Aws.AddRole("arn:aws:iam::123456789012:role/blue");
        fixture.Aws.AddRole("arn:aws:iam::123456789012:role/green", externalId: "green-1");
        fixture.Home.WriteAwsConfig($"""
            [profile company]
            endpoint_url = {fixture.Aws.Endpoint}
            aws_access_key_id = AKIACOMPANY000000000
            aws_secret_access_key = SENTINEL-company
            """);
        var bin = Directory.CreateDirectory(Path.Combine(fixture.Home.Home, "bin")).FullName;
        foreach (var name in (string[])["docker-credential-ark", "docker-credential-ark-blue", "docker-credential-ark-green"])
        {
            File.CreateSymbolicLink(Path.Combine(bin, name), Programs.Helper);
        }

        fixture.Variables["PATH"] = $"{bin}:{fixture.Variables["PATH"]}";
        fixture.Variables["ARK_DAEMON"] = Programs.Daemon;

        place.WriteConfiguration();

        // A configured organization is never influenced by these.
        fixture.Variables["AWS_PROFILE"] = "somebody-else";
        return place;
    }

    /// <summary><c>arn:aws:sts::123456789012:assumed-role/blue/session</c> is blue.</summary>
    private static string RoleOf(string arn) => arn.Split('/') is [_, var role, _] ? role : arn;
}
