using System.Text;
using System.Text.Json.Nodes;

namespace Ark.Testing.Aws;

/// <summary>ECR and ECR Public as far as a credential helper and its repository commands need them.</summary>
internal sealed class EcrApi(TokenMint mint, RepositoryApi repositories, TimeProvider clock)
{
    public AwsAnswer Answer(AwsOperation operation, SignatureVerdict.Accepted caller, SignedRequest request, TokenLie? lie) => operation switch
    {
        { Name: "GetAuthorizationToken", Service: "ecr-public" } when caller.Region != "us-east-1" => AwsAnswer.Error(
            AwsProtocol.Json11, 400, "UnsupportedCommandException", "GetAuthorizationToken command is only supported in us-east-1."),
        { Name: "GetAuthorizationToken" } => Token(operation.Service!, caller, lie),
        { Service: "ecr" } when repositories.Answer(operation.Name, caller, request) is { } answer => answer,
        _ => AwsAnswer.Error(AwsProtocol.Json11, 400, "UnknownOperationException", ""),
    };

    private AwsAnswer Token(string service, SignatureVerdict.Accepted caller, TokenLie? lie)
    {
        var issued = mint.Issue(caller.Principal, caller.Region, service);
        var data = new JsonObject
        {
            ["authorizationToken"] = Encoded("AWS:" + issued.Password),
            ["expiresAt"] = Epoch(issued.ExpiresAt),
        };
        if (service == "ecr")
        {
            data["proxyEndpoint"] = $"https://{StandInAws.RegistryHost(caller.Principal.Account, caller.Region)}";
        }

        Falsify(data, lie, issued);
        return AwsAnswer.Json(new JsonObject
        {
            ["authorizationData"] = service != "ecr" ? data : lie == TokenLie.EmptyList ? [] : new JsonArray(data),
        });
    }

    private void Falsify(JsonObject data, TokenLie? lie, IssuedToken issued)
    {
        switch (lie)
        {
            case TokenLie.NoToken:
                data.Remove("authorizationToken");
                break;
            case TokenLie.NoExpiry:
                data.Remove("expiresAt");
                break;
            case TokenLie.NoUserName:
                data["authorizationToken"] = Encoded(issued.Password);
                break;
            case TokenLie.NotBase64:
                data["authorizationToken"] = "!" + issued.Password;
                break;
            case TokenLie.AlreadyExpired:
                data["expiresAt"] = Epoch(clock.GetUtcNow().AddHours(-1));
                break;
            case TokenLie.ExpiresInACentury:
                data["expiresAt"] = Epoch(clock.GetUtcNow().AddYears(100));
                break;
            case TokenLie.ForeignRegistry:
                data["proxyEndpoint"] = "https://registry.example.com";
                break;
            case TokenLie.PlainRegistry:
                data["proxyEndpoint"] = $"http://{StandInAws.RegistryHost(issued.Principal.Account, issued.Region)}";
                break;
            case TokenLie.EmptyList or TokenLie.Endless or null:
                break;
        }
    }

    /// <summary>AWS writes seconds with three decimals.</summary>
    private static decimal Epoch(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 1000m;

    private static string Encoded(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
