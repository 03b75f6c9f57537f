using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using Ark.Wire;

namespace Ark.Aws.Calls;

/// <summary>
/// A client of an AWS service that speaks JSON 1.1. The secrets in an answer never become strings. Failures are exceptions with AWS's code.
/// </summary>
/// <param name="fetch">Its connections, its address and the time on AWS's clock.</param>
/// <param name="keys">Who asks.</param>
/// <param name="region">The region to sign for.</param>
/// <param name="service">The service as signatures name it.</param>
internal abstract class JsonService(AwsFetch fetch, AwsKeys keys, string region, string service)
{
    /// <summary>Calls one operation.</summary>
    /// <param name="target">Service and operation as <c>X-Amz-Target</c> names them.</param>
    /// <param name="write">Writes the members of the request; the braces around them are written here.</param>
    /// <param name="read">Reads the answer's object. A member that is absent stays null.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    protected async Task<T> InvokeAsync<T>(
        string target, Action<Utf8JsonWriter> write, Func<JsonElement, T> read, CancellationToken cancellationToken)
        where T : class
    {
        using HttpRequestMessage request = JsonCall.Request(fetch.Endpoints.Ecr.TrimEnd('/') + "/", "application/x-amz-json-1.1", write);
        request.Headers.TryAddWithoutValidation("X-Amz-Target", target);
        AwsSignature.Sign(request, await request.Content!.ReadAsByteArrayAsync(cancellationToken), keys, region, service, fetch.Caller.Now);
        return await JsonCall.SendAsync(fetch.Http, request, read, cancellationToken);
    }
}

/// <summary>One request to a service that speaks JSON, and its answer.</summary>
internal static class JsonCall
{
    private static readonly string UserAgent = "ark/" + (Assembly.GetExecutingAssembly().GetName().Version?.ToString(3) ?? "0");

    /// <summary>A request of ours, not signed yet.</summary>
    public static HttpRequestMessage Request(HttpMethod method, string address)
    {
        var request = new HttpRequestMessage(method, address);
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        return request;
    }

    /// <summary>The same with an object.</summary>
    /// <param name="address">Where it goes.</param>
    /// <param name="contentType">As what it sends its object.</param>
    /// <param name="write">Writes the members of the object; the braces around them are written here.</param>
    public static HttpRequestMessage Request(string address, string contentType, Action<Utf8JsonWriter> write)
    {
        HttpRequestMessage request = Request(HttpMethod.Post, address);
        request.Content = new ByteArrayContent(Body(write)) { Headers = { ContentType = new MediaTypeHeaderValue(contentType) } };
        return request;
    }

    /// <summary>Sends the request once and reads the object of its answer.</summary>
    /// <param name="http">The connections.</param>
    /// <param name="request">What is sent.</param>
    /// <param name="read">Reads the answer's object. A member that is absent stays null.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <inheritdoc cref="AwsAnswer.ReadAsync"/>
    public static Task<T> SendAsync<T>(
        AwsHttp http, HttpRequestMessage request, Func<JsonElement, T> read, CancellationToken cancellationToken)
        where T : class => AwsAnswer.ReadAsync(http, request, answer => Read(answer, read), Refusal, cancellationToken);

    private static byte[] Body(Action<Utf8JsonWriter> write)
    {
        using var content = new MemoryStream();
        using (var json = new Utf8JsonWriter(content))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return content.ToArray();
    }

    private static T Read<T>(ReadOnlyMemory<byte> answer, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            return read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            // The exception's own text may quote the body, and the body may hold a token: it goes no further.
            throw new NotAwsException(HttpStatusCode.OK);
        }
    }

    /// <summary>
    /// The error body is <c>{"__type":"prefix#Code","message":"…"}</c>, or has the code of OAuth as <c>error</c>; the code may be in a
    /// header instead.
    /// </summary>
    private static (string? Code, string? Message) Refusal(ReadOnlyMemory<byte> answer, HttpResponseMessage response)
    {
        string? code = null;
        string? message = null;
        try
        {
            using var document = JsonDocument.Parse(answer);
            if (document.RootElement is { ValueKind: JsonValueKind.Object } root)
            {
                code = root.Text("error") ?? root.Text("__type") ?? root.Text("code");
                message = root.Text("message") ?? root.Text("Message") ?? root.Text("error_description");
            }
        }
        catch (JsonException)
        {
            // What is no JSON says nothing.
        }

        return (code ?? (response.Headers.TryGetValues("x-amzn-ErrorType", out IEnumerable<string>? types) ? types.FirstOrDefault() : null), message);
    }
}

/// <summary>Members of JSON that AWS and its tools write.</summary>
internal static class JsonMembers
{
    private static readonly double LastSecond = (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).TotalSeconds - 1;

    /// <summary>A text; anything but a text that says something counts as absent.</summary>
    public static string? Text(this JsonElement element, string name)
    {
        try
        {
            return element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String &&
                value.GetString() is { Length: > 0 } text
                    ? text
                    : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: no text.
            return null;
        }
    }

    /// <summary>An object among the members, or null.</summary>
    public static JsonElement? Member(this JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Object ? value : null;

    /// <summary>A life in whole seconds; anything that is none counts as absent.</summary>
    public static int? Life(this JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number &&
        value.TryGetInt32(out int seconds) && seconds > 0
            ? seconds
            : null;

    /// <summary>A text that never becomes a string; anything but a text counts as absent.</summary>
    /// <param name="element">The object whose member it is.</param>
    /// <param name="name">The member's name.</param>
    /// <param name="isKept">Whether it stays for longer than the answer that it is read from.</param>
    public static Secret? Secret(this JsonElement element, string name, bool isKept = true)
    {
        if (!element.TryGetProperty(name, out JsonElement value) || value.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        ReadOnlySpan<byte> raw = JsonMarshal.GetRawUtf8Value(value);
        var reader = new Utf8JsonReader(raw);
        reader.Read();
        using Secret room = Wire.Secret.Rent(raw.Length);
        try
        {
            ReadOnlySpan<byte> text = room.Bytes[..reader.CopyString(room.Memory.Span)];
            return isKept ? new Secret(text) : Wire.Secret.RentCopy(text);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: no text.
            return null;
        }
    }

    /// <summary>A list that must be there. Not with LINQ, which is compiled once more for every value type.</summary>
    public static List<T> RequiredList<T>(this JsonElement element, string name, Func<JsonElement, T> read)
        where T : class
    {
        List<T> items = [];
        foreach (JsonElement item in element.GetProperty(name).EnumerateArray())
        {
            items.Add(read(item));
        }

        return items;
    }

    /// <summary>An instant as AWS's tools have written it over the years: RFC 3339, or with <c>UTC</c> for <c>Z</c>.</summary>
    public static DateTimeOffset? Instant(this JsonElement element, string name) =>
        element.Text(name) is { } text &&
        DateTimeOffset.TryParse(
            text.Replace("UTC", "Z", StringComparison.Ordinal),
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out DateTimeOffset instant)
            ? instant
            : null;

    /// <summary>Epoch seconds with a fraction, as JSON services write time. Out of range ends at the range's ends.</summary>
    public static DateTimeOffset? Seconds(this JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number
            ? DateTimeOffset.UnixEpoch.AddSeconds(Math.Clamp(value.GetDouble(), 0, LastSecond))
            : null;

    /// <summary>A member of a request that may be left out.</summary>
    public static void WriteOptional(this Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    /// <summary>The same for a text that is no string.</summary>
    public static void WriteOptional(this Utf8JsonWriter json, string name, Secret? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value.Bytes);
        }
    }

    /// <summary>A list of objects; nothing at all where it is empty.</summary>
    public static void WriteList<T>(this Utf8JsonWriter json, string name, List<T> items, Action<Utf8JsonWriter, T> write)
    {
        if (items.Count == 0)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (T item in items)
        {
            json.WriteStartObject();
            write(json, item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
