using System.Text.Json;
using Ark.EndToEnd.Faults;
using Ark.Testing;
using Xunit;

namespace Ark.EndToEnd.Organizations;

/// <summary>A household whose map has two organisations with a role each on one host, one alone on its own, and one that is broken.</summary>
internal sealed class TwoOrganizations : IAsyncDisposable
{
    /// <summary>Neither of the two is the default, and they are two identities.</summary>
    private const string Map = $$"""
        {
          "organizations": [
            { "name": "blue", "registries": [{ "hosts": ["{{Household.Host}}", "blue.example.com"], "repositoryPrefix": "prod/blue",
                "source": { "type": "ecr", "endpoint": "ENDPOINT", "profile": "company", "roleArn": "arn:aws:iam::123456789012:role/blue", "scope": "push",
                            "accountId": "123456789012", "region": "us-east-1" } }] },
            { "name": "green", "registries": [{ "hosts": ["{{Household.Host}}"], "repositoryPrefix": "prod/green",
                "source": { "type": "ecr", "endpoint": "ENDPOINT", "profile": "company", "roleArn": "arn:aws:iam::123456789012:role/green", "externalId": "green-1" } }] },
            { "name": "alone", "registries": [{ "hosts": ["alone.example.com"],
                "source": { "type": "ecr", "endpoint": "ENDPOINT", "profile": "company", "accountId": "123456789012", "region": "us-east-1" } }] },
            { "name": "broken", "registries": [{ "hosts": ["210987654321.dkr.ecr.us-east-1.amazonaws.com"], "source": { "type": "ecr", "profile": "nowhere" } }] },
          ],
        }
        """;

    private readonly bool _ownsHousehold;

    private TwoOrganizations(Household household, bool ownsHousehold)
    {
        Household = household;
        _ownsHousehold = ownsHousehold;
    }

    public Household Household { get; }

    /// <summary>The role whose session asked AWS for a token last.</summary>
    public string LastToAsk => RoleOf(Household.Aws.Issued.MaxBy(token => token.IssuedAt)!.Principal.Arn);

    /// <summary>The same in a household that is there already.</summary>
    public static TwoOrganizations In(Household household) => Furnish(new TwoOrganizations(household, ownsHousehold: false));

    public static async Task<TwoOrganizations> OpenAsync() => Furnish(new TwoOrganizations(await Household.StartAsync(), ownsHousehold: true));

    /// <summary>Writes the map, changed as the test likes.</summary>
    public void WriteMap(Func<string, string>? edit = null)
    {
        string map = Map.Replace("ENDPOINT", Household.Aws.Endpoint.ToString(), StringComparison.Ordinal);
        Household.Home.WriteMap(edit is null ? map : edit(map));
    }

    /// <summary>Runs the helper by one of its names, as a link that stands where docker would find it.</summary>
    public Task<ProgramResult> GetAsync(string program, string registry) =>
        Household.Home.RunAsync(Path.Combine(Household.Home.Home, "bin", program), ["get"], registry);

    /// <summary>The role whose session the password in a helper's answer stands for.</summary>
    public string WhoAsked(ProgramResult answer)
    {
        Assert.True(answer.ExitCode == 0, answer.ToString());
        using var json = JsonDocument.Parse(answer.Output);
        return RoleOf(Household.Aws.FindToken(json.RootElement.GetProperty("Secret").GetString()!)!.Principal.Arn);
    }

    public ValueTask DisposeAsync() => _ownsHousehold ? Household.DisposeAsync() : ValueTask.CompletedTask;

    private static TwoOrganizations Furnish(TwoOrganizations place)
    {
        var household = place.Household;
        household.Aws.AddPrincipal("AKIACOMPANY000000000", "SENTINEL-company", name: "company");
        household.Aws.AddRole("arn:aws:iam::123456789012:role/blue");
        household.Aws.AddRole("arn:aws:iam::123456789012:role/green", externalId: "green-1");
        household.Home.WriteAwsConfig($"""
            [profile company]
            endpoint_url = {household.Aws.Endpoint}
            aws_access_key_id = AKIACOMPANY000000000
            aws_secret_access_key = SENTINEL-company
            """);
        var bin = Directory.CreateDirectory(Path.Combine(household.Home.Home, "bin")).FullName;
        foreach (var name in (string[])["docker-credential-ark", "docker-credential-ark-blue", "docker-credential-ark-green"])
        {
            File.CreateSymbolicLink(Path.Combine(bin, name), Programs.Helper);
        }

        household.Variables["PATH"] = $"{bin}:{household.Variables["PATH"]}";
        household.Variables["ARK_DAEMON"] = Programs.Daemon;

        place.WriteMap();

        // A mapped organisation is never influenced by these.
        household.Variables["AWS_PROFILE"] = "somebody-else";
        return place;
    }

    /// <summary><c>arn:aws:sts::123456789012:assumed-role/blue/session</c> is blue.</summary>
    private static string RoleOf(string arn) => arn.Split('/') is [_, var role, _] ? role : arn;
}
