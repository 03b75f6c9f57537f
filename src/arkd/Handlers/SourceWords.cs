using System.Diagnostics;
using Ark.Core.Sources;

namespace Ark.Daemon.Handlers;

/// <summary>What people are told of who asks for the credentials of a source. Never a secret.</summary>
internal static class SourceWords
{
    /// <summary>The identity that fetches, and where. Arguments of commands are omitted: some write secrets into them.</summary>
    public static string Identity(RegistrySource source) => source switch
    {
        EcrSource { Role: { } role } ecr => $"{CredentialsOf(ecr)}, {role.Arn}{Limit(role)}",
        EcrSource ecr => CredentialsOf(ecr),
        HelperSource helper => $"docker-credential-{helper.Program}",
        CommandSource command => command.Arguments[0],
        StaticSource { Username: { } username } => username,
        StaticSource => "stored",
        OAuthSource oauth => oauth.Url,
        _ => throw new UnreachableException(),
    };

    private static string CredentialsOf(EcrSource ecr) => ecr switch
    {
        { Profile: { } profile } => $"profile {profile}",
        { Origin: CredentialOrigin.Instance } => "instance",
        { Origin: CredentialOrigin.Container } => "container",
        _ => "keys",
    };

    private static string Limit(AssumedRole role) =>
        role.Scope is { } scope ? $" limited to {(scope.Rights == ScopeRights.Push ? "push" : "pull")}" : "";
}
