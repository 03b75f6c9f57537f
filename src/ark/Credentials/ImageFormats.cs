using System.Text.Json;
using Ark.Cli.Docker;
using Ark.Cli.Output;
using Ark.Messages;
using Ark.Wire;

namespace Ark.Cli.Credentials;

/// <summary>
/// An image and its credentials as other systems want them typed in, a line each or as JSON; see <see cref="HoldsSecret"/> for which of
/// these are for machines alone.
/// </summary>
internal static class ImageFormats
{
    public const string Table = "table";

    private const string Kura = "kura";
    private const string Palette = "palette";
    private const string Json = "json";
    private const string Environment = "env";

    public static string[] Names => [Table, Kura, Palette, Json, Environment];

    /// <summary>True when the text holds the password, where there is one.</summary>
    public static bool HoldsSecret(string format) => format is Kura or Json or Environment;

    /// <summary>The whole text in one of these formats, each line ended.</summary>
    /// <exception cref="UserError">The format has no way to say this.</exception>
    public static string Render(string format, ImageDescription image, DateTimeOffset now) => format switch
    {
        Kura => Lines(KuraFields(image)),
        Palette => Lines([("endpoint", Registry(image)), ("baseContentPath", image.RepositoryPrefix ?? ""), ("providerType", "pack")]),
        Json => $"{JsonSerializer.Serialize(image, MessagesJson.Default.ImageDescription)}\n",
        // Quotes hold a line break for a shell; another reader of such lines, as $GITHUB_ENV is, would see the next variable begin.
        Environment => Lines([.. Variables(image).Select(field => (field.Name, Quote(field.Value)))]),
        _ => Overview(image, now),
    };

    /// <summary>
    /// The properties of a container instance in Kura and ESF. The registry's URL ends with the folder of the image and a slash; for
    /// Docker Hub it is empty and the image goes without a host.
    /// </summary>
    private static (string Name, string Value)[] KuraFields(ImageDescription image)
    {
        if (image.Repository is not { Length: > 0 } repository)
        {
            throw new UserError($"{TextSanitizer.Line(image.Host)} is a registry, not an image on it", "name the image too, such as HOST/app:1.0");
        }

        if (image is { Tag: null, Digest: { Length: > 0 } })
        {
            throw new UserError("Kura knows an image by its tag alone, not by a digest", "name the image with a tag, such as HOST/app:1.0");
        }

        var isHub = RegistryHost.IsDockerHub(image.Host);
        var host = Registry(image);
        return
        [
            ("registry.hostname", isHub ? "" : $"{host}/{repository[..(repository.LastIndexOf('/') + 1)]}"),
            ("registry.username", image.Username ?? ""),
            ("registry.password", image.Password() ?? ""),
            ("container.image", isHub ? repository : $"{host}/{repository}"),
            ("container.image.tag", image.Tag ?? "latest"),
        ];
    }

    private static (string Name, string Value)[] Variables(ImageDescription image) =>
    [
        ("ARK_REGISTRY", Registry(image)),
        ("ARK_REPOSITORY", image.Repository ?? ""),
        ("ARK_TAG", image.Tag ?? ""),
        ("ARK_DIGEST", image.Digest ?? ""),
        ("ARK_USERNAME", image.Username ?? ""),
        ("ARK_PASSWORD", image.Password() ?? ""),
        ("ARK_EXPIRES_AT", image.ExpiresAt is { } at ? ExpiryNote.Instant(at) : ""),
    ];

    private static string Overview(ImageDescription image, DateTimeOffset now)
    {
        var text = new StringWriter { NewLine = "\n" };
        Columns.Write(
            text,
            [
                ["registry", Registry(image)],
                ["repository", image.Repository ?? "-"],
                ["tag", image.Tag ?? "-"],
                ["digest", image.Digest ?? "-"],
                ["organization", image.Organization ?? "-"],
                ["prefix", image.RepositoryPrefix is { Length: > 0 } prefix ? prefix : "-"],
                ["username", image.Username ?? "none"],
                ["password", image.Secret is null ? "none" : "not shown; ark token prints it"],
                ["good until", image.ExpiresAt is { } at ? $"{ExpiryNote.Instant(at)} ({Lifetime.Words(at - now)})" : "-"],
            ]);
        return text.ToString();
    }

    private static string Registry(ImageDescription image) => RegistryHost.OfKey(image.Host);

    private static string Lines((string Name, string Value)[] fields) => string.Concat(fields.Select(field => field.Value.Any(char.IsControl)
        ? throw new UserError($"{field.Name} has a line break or another control character in it, which this format cannot hold", "use --format json")
        : $"{field.Name}={field.Value}\n"));

    /// <summary>As it is where no shell would see anything in it, else in single quotes.</summary>
    private static string Quote(string value) => value.All(c => char.IsAsciiLetterOrDigit(c) || "@%+=:,./_-".Contains(c, StringComparison.Ordinal))
        ? value
        : $"'{value.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
