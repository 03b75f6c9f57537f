using System.Diagnostics;
using System.Text;
using Ark.Aws.Calls;
using Ark.Aws.Profiles;
using Ark.Core.Problems;
using Ark.Core.Secrets;
using Ark.Core.Sources;
using Ark.Wire;

namespace Ark.Aws.Credentials;

/// <summary>
/// Access keys that are stored outside of profiles: as user name and secret, as the JSON that a <c>credential_process</c> prints, or as
/// the lines of a credentials file.
/// </summary>
/// <param name="time">The clock of expiry.</param>
/// <param name="secrets">Reads what is stored.</param>
internal sealed class StoredKeys(TimeProvider time, ISecretReader secrets)
{
    public async Task<Outcome<AwsKeys>> ReadAsync(CredentialProvider.Stored stored, CancellationToken cancellationToken)
    {
        Outcome<Credential> read = await secrets.ReadAsync(stored.Reference, stored.Caller, cancellationToken);
        if (!read.Succeeded(out Credential? secret, out Problem? problem))
        {
            return problem;
        }

        using (secret)
        {
            return secret.Username is { } id
                ? AwsKeys.From(id, new Secret(secret.Secret.Span.Trim(" \t\r\n"u8)), session: null) ?? Empty(stored)
                : Read(stored, secret.Secret);
        }
    }

    /// <summary>Where keys are stored, for people: never an argument of a program, which some write secrets into.</summary>
    public static string Describe(SecretReference reference) => reference switch
    {
        SecretReference.File file => $"keys in {TextSanitizer.Name(file.Path)}",
        SecretReference.Helper helper =>
            $"keys {TextSanitizer.Name(helper.Server)} in {TextSanitizer.Name(Path.GetFileName(helper.Program))}",
        SecretReference.Command command =>
            $"keys of {TextSanitizer.Name(command.Arguments.Count > 0 ? Path.GetFileName(command.Arguments[0]) : "a command")}",
        _ => throw new UnreachableException(),
    };

    private Outcome<AwsKeys> Read(CredentialProvider.Stored stored, ReadOnlyMemory<byte> text)
    {
        if (!text.Span.TrimStart(" \t\r\n"u8).StartsWith("{"u8))
        {
            return ReadLines(Encoding.UTF8.GetString(text.Span)) ?? Empty(stored);
        }

        return CredentialDocument.Read(text, time.GetUtcNow()) switch
        {
            CredentialDocument.Good good => good.Keys,
            CredentialDocument.Expired(var at) => new Problem(
                ProblemKind.CredentialsRejected,
                $"the {Describe(stored.Reference)} expired at {at:u}",
                "put new ones there, or check the clock"),
            _ => new Problem(
                ProblemKind.BadSetting,
                $"the {Describe(stored.Reference)} are JSON that is not version 1 of AWS's format",
                "it must have Version, AccessKeyId and SecretAccessKey"),
        };
    }

    /// <summary>The one section of such a file that says anything, or lines without a section.</summary>
    private static AwsKeys? ReadLines(string text) =>
        IniFile.Parse($"[keys]\n{text.TrimStart('\uFEFF')}", "the keys") is { Faults: [], Sections: var sections } &&
        sections.Where(section => section.Values.Count > 0).ToArray() is [var keys]
            ? AwsKeys.From(keys["aws_access_key_id"], keys["aws_secret_access_key"], keys["aws_session_token"])
            : null;

    private static Outcome<AwsKeys> Empty(CredentialProvider.Stored stored) => new Problem(
        ProblemKind.BadSetting,
        $"the {Describe(stored.Reference)} are not there in a form that is known",
        "keep aws_access_key_id and aws_secret_access_key there, a line each, or the JSON of a credential_process");
}
