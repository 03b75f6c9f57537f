using System.Text.Json;

namespace Ark.Tests.Cli;

/// <summary>
/// A configuration of two organizations as the daemon sends it: acme has an id and two registries, beta has neither id nor prefix.
/// </summary>
internal static class SomeConfiguration
{
    public const string AcmeId = "2ea25035-6aa4-42fb-9955-92288ea1b972";

    public static string Json(string file = "/home/me/.config/ark/config.json", string? used = null) => $$$"""
        {"file":{{{JsonSerializer.Serialize(file)}}},"defaultOrganization":"acme","using":{{{JsonSerializer.Serialize(used)}}},
        "organizations":[
        {"id":"{{{AcmeId}}}","name":"acme","registries":[
          {"hosts":["{{{The.Host}}}","docker.example.com"],"repositoryPrefix":"prod/{{{AcmeId}}}",
          "source":{"type":"ecr","identity":"profile acme"}},
          {"hosts":["https://index.docker.io/v1/"],"repositoryPrefix":"","source":{"type":"helper","identity":"secretservice"}}]},
        {"id":null,"name":"beta","registries":[
          {"hosts":["{{{The.OtherHost}}}"],"repositoryPrefix":null,"source":{"type":"ecr","identity":null,"newer":true}}]}]}
        """;
}
