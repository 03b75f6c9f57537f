namespace Ark.Core.Sources;

/// <summary>A form posted to a token endpoint, which answers with JSON that holds a token.</summary>
/// <param name="Url">The endpoint, <c>https</c>; <c>http</c> for this machine only.</param>
/// <param name="Form">The fields that are no secret, in order.</param>
/// <param name="SecretField">The field in which the secret is sent.</param>
/// <param name="Secret">Where that secret is kept.</param>
/// <param name="TokenField">The property of the answer that is the password; null for the first of access_token, refresh_token, token.</param>
/// <param name="Username">The user name that goes with it, often <c>&lt;token&gt;</c>.</param>
/// <param name="Lifetime">How long a token is kept whose answer has no <c>expires_in</c>. Zero: it is asked each time.</param>
public sealed record OAuthSource(
    string Url, ValueList<FormField> Form, string SecretField, SecretReference Secret, string? TokenField, string Username, TimeSpan Lifetime) : RegistrySource
{
    public override string Type => "oauth";

    public override string? KnownUsername => Username;
}

/// <summary>One field of a form.</summary>
public readonly record struct FormField(string Name, string Value);
