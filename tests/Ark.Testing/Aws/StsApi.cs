using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Ark.Testing.Aws;

/// <summary>The Security Token Service: who am I, and the two ways into a role.</summary>
internal sealed class StsApi(IdentityStore identities)
{
    public const string Namespace = "https://sts.amazonaws.com/doc/2011-06-15/";

    private const int LongestPolicy = 2048;

    private static readonly XNamespace Space = Namespace;

    private readonly ConcurrentQueue<AssumedSession> _assumed = new();

    /// <summary>What AssumeRole opened.</summary>
    public IReadOnlyList<AssumedSession> Assumed => [.. _assumed];

    private readonly ConcurrentDictionary<(string KeyId, string Serial), string> _codes = new();

    public void AddDevice(Principal principal, string serial, string code) => _codes[(principal.AccessKeyId, serial)] = code;

    public AwsAnswer Answer(AwsOperation operation, SignedRequest request, Principal? caller)
    {
        var form = QueryHelpers.ParseQuery(request.BodyText);
        return (operation.Name, caller) switch
        {
            ("GetCallerIdentity", { } known) => WhoAmI(known),
            ("GetSessionToken", { SessionToken: null } known) => GetSessionToken(form, known),
            ("AssumeRole", { } known) => AssumeRole(form, known),
            ("AssumeRoleWithWebIdentity", _) => AssumeRoleWithWebIdentity(form),
            _ => AwsAnswer.Error(
                AwsProtocol.Query, 400, "InvalidAction", $"Could not find operation {operation.Name} for version 2011-06-15"),
        };
    }

    private static AwsAnswer WhoAmI(Principal caller) => Result(
        "GetCallerIdentity",
        new XElement(Space + "Arn", caller.Arn),
        new XElement(Space + "UserId", caller.AccessKeyId),
        new XElement(Space + "Account", caller.Account));

    private AwsAnswer AssumeRole(Dictionary<string, StringValues> form, Principal caller)
    {
        string? Sent(string name) => form.TryGetValue(name, out var value) ? value.ToString() : null;

        var arn = Sent("RoleArn") ?? "";
        if (identities.FindRole(arn) is not { } role || (role.ExternalId is not null && role.ExternalId != Sent("ExternalId")))
        {
            return Error(403, "AccessDenied", $"User: {caller.Arn} is not authorized to perform: sts:AssumeRole on resource: {arn}");
        }

        if (Sent("Policy") is { } policy)
        {
            if (policy.Length > LongestPolicy)
            {
                return Error(400, "PackedPolicyTooLarge", "Packed size of session policy consumes more than the allotted space");
            }

            if (!IsPolicy(policy))
            {
                return Error(400, "MalformedPolicyDocument", "This policy contains invalid Json");
            }
        }

        var session = Open(role, form);
        _assumed.Enqueue(new AssumedSession(arn, Sent("ExternalId"), session.Name, Sent("Policy"), caller, session));
        return Session("AssumeRole", session);
    }

    /// <summary>A user's session, which has passed MFA.</summary>
    private AwsAnswer GetSessionToken(Dictionary<string, StringValues> form, Principal caller)
    {
        string serial = form.GetValueOrDefault("SerialNumber").ToString();
        if (!_codes.TryGetValue((caller.AccessKeyId, serial), out string? code) || form.GetValueOrDefault("TokenCode") != code)
        {
            return Error(403, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code.");
        }

        var seconds = int.Parse(form["DurationSeconds"]!, CultureInfo.InvariantCulture);
        return Session("GetSessionToken", identities.OpenSession($"arn:aws:iam::{caller.Account}:role/mfa", caller.Name, TimeSpan.FromSeconds(seconds)));
    }

    private static bool IsPolicy(string text)
    {
        try
        {
            using var policy = JsonDocument.Parse(text);
            return policy.RootElement.TryGetProperty("Statement", out _);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private AwsAnswer AssumeRoleWithWebIdentity(Dictionary<string, StringValues> form)
    {
        if (identities.FindRole(form.GetValueOrDefault("RoleArn").ToString()) is not { WebIdentityToken: { } expected } role)
        {
            return Error(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity");
        }

        return form.GetValueOrDefault("WebIdentityToken") == expected
            ? Session("AssumeRoleWithWebIdentity", Open(role, form))
            : Error(400, "InvalidIdentityToken", "The web identity token that was passed could not be validated");
    }

    private Principal Open(Role role, Dictionary<string, StringValues> form)
    {
        var seconds = form.TryGetValue("DurationSeconds", out var asked) ? int.Parse(asked!, CultureInfo.InvariantCulture) : 3600;
        return identities.OpenSession(role.Arn, form.GetValueOrDefault("RoleSessionName").ToString(), TimeSpan.FromSeconds(seconds));
    }

    private static AwsAnswer Session(string action, Principal session) => Result(
        action,
        new XElement(
            Space + "Credentials",
            new XElement(Space + "AccessKeyId", session.AccessKeyId),
            new XElement(Space + "SecretAccessKey", session.Secret),
            new XElement(Space + "SessionToken", session.SessionToken),
            new XElement(
                Space + "Expiration",
                session.ExpiresAt!.Value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))),
        new XElement(
            Space + "AssumedRoleUser",
            new XElement(Space + "AssumedRoleId", $"AROA{session.AccessKeyId[4..]}:{session.Name}"),
            new XElement(Space + "Arn", session.Arn)));

    private static AwsAnswer Error(int status, string code, string message) => AwsAnswer.Error(AwsProtocol.Query, status, code, message);

    private static AwsAnswer Result(string action, params object[] content) => AwsAnswer.Xml(new XElement(
        Space + (action + "Response"),
        new XElement(Space + (action + "Result"), content),
        new XElement(Space + "ResponseMetadata", new XElement(Space + "RequestId", Guid.NewGuid().ToString()))));
}
