using System.Globalization;
using System.Xml.Linq;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Ark.Testing.Aws;

/// <summary>The Security Token Service: who am I, and the two ways into a role.</summary>
internal sealed class StsApi(IdentityStore identities)
{
    public const string Namespace = "https://sts.amazonaws.com/doc/2011-06-15/";

    private static readonly XNamespace Space = Namespace;

    public AwsAnswer Answer(AwsOperation operation, SignedRequest request, Principal? caller)
    {
        var form = QueryHelpers.ParseQuery(request.BodyText);
        return (operation.Name, caller) switch
        {
            ("GetCallerIdentity", { } known) => WhoAmI(known),
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
        var arn = form.GetValueOrDefault("RoleArn").ToString();
        return identities.FindRole(arn) is { } role
            && (role.ExternalId is null || role.ExternalId == form.GetValueOrDefault("ExternalId").ToString())
                ? Session("AssumeRole", role, form)
                : AwsAnswer.Error(
                    AwsProtocol.Query,
                    403,
                    "AccessDenied",
                    $"User: {caller.Arn} is not authorized to perform: sts:AssumeRole on resource: {arn}");
    }

    private AwsAnswer AssumeRoleWithWebIdentity(Dictionary<string, StringValues> form)
    {
        if (identities.FindRole(form.GetValueOrDefault("RoleArn").ToString()) is not { WebIdentityToken: { } expected } role)
        {
            return AwsAnswer.Error(
                AwsProtocol.Query, 403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity");
        }

        return form.GetValueOrDefault("WebIdentityToken") == expected
            ? Session("AssumeRoleWithWebIdentity", role, form)
            : AwsAnswer.Error(
                AwsProtocol.Query, 400, "InvalidIdentityToken", "The web identity token that was passed could not be validated");
    }

    private AwsAnswer Session(string action, Role role, Dictionary<string, StringValues> form)
    {
        var seconds = form.TryGetValue("DurationSeconds", out var asked) ? int.Parse(asked!, CultureInfo.InvariantCulture) : 3600;
        var session = identities.OpenSession(
            role.Arn, form.GetValueOrDefault("RoleSessionName").ToString(), TimeSpan.FromSeconds(seconds));
        return Result(
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
    }

    private static AwsAnswer Result(string action, params object[] content) => AwsAnswer.Xml(new XElement(
        Space + (action + "Response"),
        new XElement(Space + (action + "Result"), content),
        new XElement(Space + "ResponseMetadata", new XElement(Space + "RequestId", Guid.NewGuid().ToString()))));
}
