using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Ark.Aws.Calls;
using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Wire;

namespace Ark.Aws.Credentials;

/// <summary>The security token service: a form goes there, XML comes back.</summary>
/// <param name="fetch">What is asked, and how.</param>
/// <param name="holder">Who asks, for people.</param>
/// <param name="keys">What signs the calls; null for those that need no signature.</param>
internal sealed class StsService(AwsFetch fetch, string holder, AwsKeys? keys)
{
    private const string ApiVersion = "2011-06-15";

    public Task<Outcome<StsSession>> AssumeRoleAsync(CredentialProvider.Role role, CancellationToken cancellationToken) => OpenAsync(
        "AssumeRole",
        role.RoleArn,
        [
            ("RoleArn", role.RoleArn),
            ("RoleSessionName", role.SessionName),
            ("ExternalId", role.ExternalId),
            ("DurationSeconds", Text(role.Seconds)),
            ("Policy", role.Policy),
        ],
        null,
        cancellationToken);

    /// <summary>The same for whoever has a token of an identity provider instead of keys.</summary>
    public Task<Outcome<StsSession>> AssumeRoleAsync(
        CredentialProvider.WebIdentity identity, Secret token, CancellationToken cancellationToken) => OpenAsync(
            "AssumeRoleWithWebIdentity",
            identity.RoleArn,
            [
                ("RoleArn", identity.RoleArn),
                ("RoleSessionName", identity.SessionName),
                ("DurationSeconds", Text(identity.Seconds)),
            ],
            ("WebIdentityToken", token),
            cancellationToken);

    /// <summary>A session of the same user that has shown a code of an MFA device.</summary>
    public Task<Outcome<StsSession>> GetSessionTokenAsync(string device, string code, int seconds, CancellationToken cancellationToken) =>
        OpenAsync(
            "GetSessionToken",
            device,
            [("SerialNumber", device), ("TokenCode", code), ("DurationSeconds", Text(seconds))],
            null,
            cancellationToken);

    /// <summary>The account of whoever asks; empty where the answer has none.</summary>
    public Task<Outcome<string>> GetAccountAsync(CancellationToken cancellationToken) =>
        CallAsync("GetCallerIdentity", null, [], null, static xml => XmlText.Of(xml, "Account") ?? "", cancellationToken);

    private static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);

    private async Task<Outcome<StsSession>> OpenAsync(
        string action,
        string subject,
        (string Name, string? Value)[] parameters,
        (string Name, Secret Value)? secret,
        CancellationToken cancellationToken)
    {
        Outcome<Opened> outcome = await CallAsync(
            action,
            subject,
            parameters,
            secret,
            static xml => new Opened(
                AwsKeys.From(
                    XmlText.Of(xml, "AccessKeyId"),
                    XmlText.SecretOf(xml, "SecretAccessKey"),
                    XmlText.SecretOf(xml, "SessionToken")),
                XmlText.Of(xml, "Expiration")),
            cancellationToken);
        return !outcome.Succeeded(out Opened? opened, out Problem? problem) ||
            !AwsKeys.Answered(fetch.StsEndpoint, subject, opened.Keys).Succeeded(out AwsKeys? session, out problem)
                ? problem
                : new StsSession(
                    session,
                    DateTimeOffset.TryParse(
                        opened.Ends, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset ends) ? ends : null);
    }

    private async Task<Outcome<T>> CallAsync<T>(
        string action,
        string? subject,
        (string Name, string? Value)[] parameters,
        (string Name, Secret Value)? secret,
        Func<ReadOnlySpan<byte>, T> read,
        CancellationToken cancellationToken)
        where T : class
    {
        FormField[] fields =
        [
            new("Action", action),
            new("Version", ApiVersion),
            .. from parameter in parameters where parameter.Value is not null select new FormField(parameter.Name, parameter.Value),
        ];
        using var form = new FormBody(fields, secret?.Name, secret is { Value: var value } ? value.Bytes : default);
        return await fetch.Caller.CallAsync(
            new AwsCall($"sts:{action}", holder, subject),
            fetch.StsEndpoint,
            [keys?.Secret, keys?.Session, secret?.Value],
            async () =>
            {
                using HttpRequestMessage request = Request(form);
                return await AwsAnswer.ReadAsync(fetch.Http, request, Read, Refusal, cancellationToken);
            },
            cancellationToken);

        T Read(ReadOnlyMemory<byte> xml) =>
            XmlText.Has(xml.Span, $"{action}Response") ? read(xml.Span) : throw new NotAwsException(HttpStatusCode.OK);
    }

    private HttpRequestMessage Request(FormBody form)
    {
        HttpRequestMessage request = JsonCall.Request(HttpMethod.Post, fetch.StsEndpoint.TrimEnd('/') + "/");
        request.Content = new ReadOnlyMemoryContent(form.Content)
        {
            Headers = { ContentType = MediaTypeHeaderValue.Parse("application/x-www-form-urlencoded; charset=utf-8") },
        };
        if (keys is not null)
        {
            AwsSignature.Sign(request, form.Content.Span, keys, fetch.StsRegion, "sts", fetch.Caller.Now);
        }

        return request;
    }

    private static (string? Code, string? Message) Refusal(ReadOnlyMemory<byte> xml, HttpResponseMessage response) =>
        XmlText.Of(xml.Span, "Code") is { } code
            ? (code, XmlText.Of(xml.Span, "Message"))
            : throw new NotAwsException(response.StatusCode);

    private sealed record Opened(AwsKeys? Keys, string? Ends);
}

/// <summary>A session that STS opened. Whoever gets it disposes of its keys.</summary>
/// <param name="Keys">Its keys.</param>
/// <param name="Ends">When it ends, where that is said.</param>
internal sealed record StsSession(AwsKeys Keys, DateTimeOffset? Ends);

/// <summary>
/// Texts of an answer in XML, by the names of their elements, each of which STS writes once and without attributes. They are cut out of its
/// bytes: a reader of XML makes strings of all that it reads, and keys are among it.
/// </summary>
internal static class XmlText
{
    private static readonly (byte[] Written, byte Meant)[] Entities =
        [("&lt;"u8.ToArray(), (byte)'<'), ("&gt;"u8.ToArray(), (byte)'>'), ("&quot;"u8.ToArray(), (byte)'"'),
            ("&apos;"u8.ToArray(), (byte)'\''), ("&amp;"u8.ToArray(), (byte)'&')];

    /// <summary>Whether there is such an element, with attributes or without.</summary>
    public static bool Has(ReadOnlySpan<byte> xml, string element) => xml.IndexOf(Encoding.UTF8.GetBytes($"<{element}")) >= 0;

    /// <summary>The text; null where there is no such element.</summary>
    public static string? Of(ReadOnlySpan<byte> xml, string element)
    {
        using Secret? text = SecretOf(xml, element);
        return text is null ? null : Encoding.UTF8.GetString(text.Bytes);
    }

    /// <summary>The same as bytes, which whoever gets them disposes of.</summary>
    public static Secret? SecretOf(ReadOnlySpan<byte> xml, string element)
    {
        byte[] begin = Encoding.UTF8.GetBytes($"<{element}>"), end = Encoding.UTF8.GetBytes($"</{element}>");
        int start = xml.IndexOf(begin);
        if (start < 0)
        {
            return null;
        }

        ReadOnlySpan<byte> rest = xml[(start + begin.Length)..];
        int length = rest.IndexOf((byte)'<');
        return length >= 0 && rest[length..].StartsWith(end) ? Unescaped(rest[..length]) : null;
    }

    private static Secret Unescaped(ReadOnlySpan<byte> written)
    {
        using Secret room = Secret.Rent(written.Length);
        Span<byte> text = room.Memory.Span;
        int length = 0;
        while (!written.IsEmpty)
        {
            (int taken, text[length++]) = Next(written);
            written = written[taken..];
        }

        return new Secret(text[..length]);
    }

    private static (int Taken, byte Meant) Next(ReadOnlySpan<byte> written)
    {
        foreach ((byte[] entity, byte meant) in written[0] == '&' ? Entities : [])
        {
            if (written.StartsWith(entity))
            {
                return (entity.Length, meant);
            }
        }

        return (1, written[0]);
    }
}
