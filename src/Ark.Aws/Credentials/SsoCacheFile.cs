using System.Globalization;
using System.Text.Json;

namespace Ark.Aws.Credentials;

/// <summary>
/// Writes a renewed login back to where <c>aws sso login</c> put it. Refresh tokens may be good for one use: without this the AWS
/// command would find itself logged out. It is the only file that ark writes a secret to, and it held the same kind of secret before.
/// </summary>
internal static class SsoCacheFile
{
    /// <summary>Replaces the file in one step, for its owner only, every other member as it was. A failure is no failure of the
    /// fetch.</summary>
    public static void Replace(string path, JsonElement login, string accessToken, DateTimeOffset expiresAt, string? refreshToken)
    {
        string draft = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var file = new FileStream(draft, options))
            using (var writer = new Utf8JsonWriter(file))
            {
                writer.WriteStartObject();
                foreach (JsonProperty member in login.EnumerateObject())
                {
                    if (!IsReplaced(member.Name, refreshToken))
                    {
                        member.WriteTo(writer);
                    }
                }

                writer.WriteString("accessToken", accessToken);
                writer.WriteString("expiresAt", expiresAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
                if (refreshToken is not null)
                {
                    writer.WriteString("refreshToken", refreshToken);
                }

                writer.WriteEndObject();
            }

            File.Move(draft, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(draft);
        }
    }

    private static bool IsReplaced(string name, string? refreshToken) =>
        name is "accessToken" or "expiresAt" || (name == "refreshToken" && refreshToken is not null);

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A read-only directory: then there is nothing to delete either.
        }
    }
}
