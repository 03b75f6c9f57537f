using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Ark.Testing.Aws;

/// <summary>One HTTP answer in the shape of the protocol that the client speaks.</summary>
internal sealed record AwsAnswer(int Status, string ContentType, byte[] Body)
{
    /// <summary>What the REST protocols put into x-amzn-ErrorType.</summary>
    public string? ErrorType { get; init; }

    public static AwsAnswer Json(JsonObject body) => Text(200, "application/x-amz-json-1.1", body.ToJsonString());

    public static AwsAnswer RestJson(JsonObject body) => Text(200, "application/json", body.ToJsonString());

    public static AwsAnswer Xml(XElement body) => Text(200, "text/xml", body.ToString());

    public static AwsAnswer Error(AwsProtocol protocol, int status, string code, string message) => protocol switch
    {
        AwsProtocol.Json11 => Text(
            status, "application/x-amz-json-1.1", new JsonObject { ["__type"] = code, ["message"] = message }.ToJsonString()),
        AwsProtocol.Query => Text(status, "text/xml", StsError(code, message).ToString()),
        AwsProtocol.RestJson => Text(
            status, "application/json", new JsonObject { ["message"] = message, ["__type"] = code }.ToJsonString()) with
        {
            ErrorType = code,
        },
        AwsProtocol.OAuth => Text(
            status, "application/json", new JsonObject { ["error"] = OAuthName(code), ["error_description"] = message }.ToJsonString()) with
        {
            ErrorType = code,
        },
        AwsProtocol.SignIn => Text(
            status, "application/json", new JsonObject { ["error"] = code, ["message"] = message }.ToJsonString()) with
        {
            ErrorType = "AccessDeniedException",
        },
    };

    /// <summary>The code and status that the protocol has for a refused signature.</summary>
    public static AwsAnswer Refused(AwsProtocol protocol, SignatureVerdict.Refused verdict)
    {
        var query = protocol == AwsProtocol.Query;
        var code = verdict.Fault switch
        {
            SignatureFault.Missing => query ? "MissingAuthenticationToken" : "MissingAuthenticationTokenException",
            SignatureFault.Incomplete => query ? "IncompleteSignature" : "IncompleteSignatureException",
            SignatureFault.UnknownKey => query ? "InvalidClientTokenId" : "UnrecognizedClientException",
            SignatureFault.ExpiredSession => query ? "ExpiredToken" : "ExpiredTokenException",
            SignatureFault.Mismatch => query ? "SignatureDoesNotMatch" : "InvalidSignatureException",
        };
        return Error(protocol, query ? 403 : 400, code, verdict.Message);
    }

    private static XElement StsError(string code, string message)
    {
        XNamespace space = StsApi.Namespace;
        return new XElement(
            space + "ErrorResponse",
            new XElement(
                space + "Error",
                new XElement(space + "Type", "Sender"),
                new XElement(space + "Code", code),
                new XElement(space + "Message", message)),
            new XElement(space + "RequestId", Guid.NewGuid().ToString()));
    }

    /// <summary>InvalidGrantException is <c>invalid_grant</c> in OAuth's own field.</summary>
    private static string OAuthName(string code) => string.Concat(
        code.Replace("Exception", "", StringComparison.Ordinal)
            .Select((letter, at) => (char.IsUpper(letter) && at > 0 ? "_" : "") + char.ToLowerInvariant(letter)));

    private static AwsAnswer Text(int status, string contentType, string body) => new(status, contentType, Encoding.UTF8.GetBytes(body));
}
