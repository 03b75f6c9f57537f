using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Ark.Aws.Profiles;
using Ark.Files;

namespace Ark.Aws.Credentials;

/// <summary>
/// The files in which AWS's own tools keep logins: those of IAM Identity Center in <c>~/.aws/sso/cache</c>, those of <c>aws login</c> in
/// <c>~/.aws/login/cache</c>. What ark renews goes back there, or those tools would find themselves logged out. Secrets go to no other files.
/// </summary>
internal static class LoginFile
{
    // Callers name the files, so there is no gate for each. That two files share one costs nothing but a wait.
    private static readonly SemaphoreSlim[] Gates = [.. Enumerable.Range(0, 64).Select(static _ => new SemaphoreSlim(1))];

    /// <summary>
    /// Lets one at a time renew the login of a file: a refresh token may be good for one use. Those who share it come one after another,
    /// and who comes second finds it new.
    /// </summary>
    public static async Task<T> InTurnAsync<T>(string path, Func<Task<T>> renew, CancellationToken cancellationToken)
    {
        SemaphoreSlim gate = Gates[(uint)path.GetHashCode(StringComparison.Ordinal) % Gates.Length];
        await gate.WaitAsync(cancellationToken);
        try
        {
            return await renew();
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>The login, or null where there is none.</summary>
    /// <exception cref="JsonException">It is not a JSON object.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static JsonDocument? Read(string path)
    {
        if (SmallFile.ReadText(path) is not { Length: > 0 } text)
        {
            return null;
        }

        var login = JsonDocument.Parse(text);
        if (login.RootElement.ValueKind == JsonValueKind.Object)
        {
            return login;
        }

        login.Dispose();
        throw new JsonException();
    }

    /// <summary>Writes a login in one step, for its owner only, and its folder where there is none.</summary>
    /// <param name="path">Where.</param>
    /// <param name="write">Writes the members of the object; the braces around them are written here.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(string path, Action<Utf8JsonWriter> write)
    {
        var text = new ArrayBufferWriter<byte>();
        try
        {
            using var json = new Utf8JsonWriter(text);
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        catch (InvalidOperationException)
        {
            throw new IOException("a member that is to stay as it was has half a surrogate pair, which nobody can write");
        }

        string directory = Path.GetDirectoryName(path)!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        TrustedFile.Replace(path, text.WrittenSpan);
    }

    /// <summary>Every member of the login as it was, but for these.</summary>
    public static void WriteRest(this Utf8JsonWriter json, JsonElement login, params ReadOnlySpan<string> replaced)
    {
        foreach (JsonProperty member in login.EnumerateObject())
        {
            if (!replaced.Contains(member.Name))
            {
                member.WriteTo(json);
            }
        }
    }

    /// <summary>An instant as AWS's tools write it.</summary>
    public static void WriteInstant(this Utf8JsonWriter json, string name, DateTimeOffset at) =>
        json.WriteString(name, at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
}
