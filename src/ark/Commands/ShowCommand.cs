using System.CommandLine;
using System.Text.Json;
using Ark.Cli.Credentials;
using Ark.Cli.Help;
using Ark.Cli.Output;
using Ark.Cli.Queries;
using Ark.Messages;
using Ark.Wire;

namespace Ark.Cli.Commands;

/// <summary><c>ark show</c>: an image reference in its parts, for systems into whose forms they are typed.</summary>
internal sealed class ShowCommand(DaemonQueries queries, Terminal terminal, TimeProvider clock)
{
    public Command ToCommand()
    {
        var image = new Argument<string>("image") { Description = "an image, such as HOST/path/app:1.0; without HOST, on Docker Hub" };
        var format = new Option<string>("--format")
        {
            Description = "how to print it; kura, json and env include the password",
            DefaultValueFactory = _ => ImageFormats.Table,
        };
        format.AcceptOnlyFromAmong(ImageFormats.Names);
        var command = new CommandWithExamples("show", "split an image reference into its parts, with its credentials", """
            Examples:
              ark show 123456789012.dkr.ecr.us-east-1.amazonaws.com/prod/app:1.0
              ark show IMAGE --format kura
              eval "$(ark show IMAGE --format env)"

            kura prints the fields of a container instance in Eclipse Kura and ESF, palette those of a registry in Spectro Cloud.
            """) { image, format };
        command.SetAction(parsed => Show(parsed.GetRequiredValue(image), parsed.GetRequiredValue(format)));
        return command;
    }

    private int Show(string reference, string format)
    {
        ImageDescription image = queries.Describe(reference);
        switch (format)
        {
            case ImageFormats.Table:
                terminal.WriteTable(ImageFormats.Rows(image, clock.GetUtcNow()));
                break;

            case ImageFormats.Json:
                terminal.WriteResult(ImageFormats.ToJson(image));
                break;

            default:
                // All or nothing: half of the fields would look like all of them.
                terminal.WriteResult(string.Join('\n', ImageFormats.Lines(format, image)));
                break;
        }

        if (ImageFormats.HoldsSecret(format))
        {
            terminal.Note(RegistryLogin.Of(image) is { } login
                ? $"the password {Lifetime.Expiry(login.ExpiresAt, clock.GetUtcNow())}"
                : $"ark has no password for {image.Host}");
        }

        return 0;
    }
}

/// <summary>
/// An image and its credentials as other systems want them typed in, a line each or as JSON; see <see cref="HoldsSecret"/> for which of
/// these hold the password.
/// </summary>
internal static class ImageFormats
{
    public const string Table = "table";
    public const string Json = "json";

    private const string Kura = "kura";
    private const string Palette = "palette";
    private const string Environment = "env";

    public static string[] Names => [Table, Kura, Palette, Json, Environment];

    /// <summary>True when the text holds the password, where there is one.</summary>
    public static bool HoldsSecret(string format) => format is Kura or Json or Environment;

    /// <summary>The fields of a format, a line each.</summary>
    /// <exception cref="UserError">The format has no way to say this.</exception>
    public static IEnumerable<string> Lines(string format, ImageDescription image) => Lines(format switch
    {
        Kura => KuraFields(image),
        Palette => [("endpoint", Registry(image)), ("baseContentPath", BaseContentPath(image)), ("providerType", "pack")],

        // Quotes hold a line break for a shell; another reader of such lines, as $GITHUB_ENV is, would see the next variable begin.
        _ => [.. Variables(image).Select(field => (field.Name, Quote(field.Value)))],
    });

    /// <summary>One line of JSON with everything.</summary>
    public static string ToJson(ImageDescription image) => JsonSerializer.Serialize(image, MessagesJson.Default.ImageDescription);

    /// <summary>The table for people, without the password.</summary>
    public static IReadOnlyList<string[]> Rows(ImageDescription image, DateTimeOffset now) =>
    [
        ["registry", Registry(image)],
        ["repository", image.Repository ?? "-"],
        ["tag", image.Tag ?? "-"],
        ["digest", image.Digest ?? "-"],
        ["organization", image.Organization ?? "-"],
        ["prefix", image.RepositoryPrefix is { Length: > 0 } prefix ? prefix : "-"],
        ["username", image.Username ?? "none"],
        ["password", image.Secret is null ? "none" : "not shown; see: ark token"],
        ["expires at", image.ExpiresAt is { } at ? $"{Lifetime.Instant(at)} (in {Lifetime.Words(at - now)})" : "-"],
    ];

    /// <summary>
    /// The properties of a container instance in Kura and ESF. The registry's URL ends with the folder of the image and a slash; for
    /// Docker Hub it is empty and the image goes without a host.
    /// </summary>
    private static (string Name, string Value)[] KuraFields(ImageDescription image)
    {
        if (image.Repository is not { Length: > 0 } repository)
        {
            throw new UserError($"{image.Host} is a registry, not an image", "name the image too, such as HOST/app:1.0");
        }

        if (image is { Tag: null, Digest: { Length: > 0 } })
        {
            throw new UserError("Kura identifies an image by its tag, not by a digest", "name the image with a tag, such as HOST/app:1.0");
        }

        bool isHub = RegistryHost.IsDockerHub(image.Host);
        string host = Registry(image);
        return
        [
            ("registry.hostname", isHub ? "" : $"{host}/{repository[..(repository.LastIndexOf('/') + 1)]}"),
            ("registry.username", image.Username ?? ""),
            ("registry.password", PasswordOf(image)),
            ("container.image", isHub ? repository : $"{host}/{repository}"),
            ("container.image.tag", image.Tag ?? "latest"),
        ];
    }

    /// <summary>Packs are below <c>spectro-packs</c> and images below <c>spectro-images</c>, and what stands above is the base path.</summary>
    private static string BaseContentPath(ImageDescription image)
    {
        string path = $"/{image.Repository}/";
        int packs = path.IndexOf("/spectro-packs/", StringComparison.Ordinal), images = path.IndexOf("/spectro-images/", StringComparison.Ordinal);
        int end = packs < 0 ? images : packs;
        return end < 0 ? image.RepositoryPrefix ?? "" : path[..end].TrimStart('/');
    }

    private static (string Name, string Value)[] Variables(ImageDescription image) =>
    [
        ("ARK_REGISTRY", Registry(image)),
        ("ARK_REPOSITORY", image.Repository ?? ""),
        ("ARK_TAG", image.Tag ?? ""),
        ("ARK_DIGEST", image.Digest ?? ""),
        ("ARK_USERNAME", image.Username ?? ""),
        ("ARK_PASSWORD", PasswordOf(image)),
        ("ARK_EXPIRES_AT", image.ExpiresAt is { } at ? Lifetime.Instant(at) : ""),
    ];

    private static string PasswordOf(ImageDescription image) => RegistryLogin.Of(image)?.Secret ?? "";

    private static string Registry(ImageDescription image) => RegistryHost.OfKey(image.Host);

    // What the sanitizer would change cannot be copied from a screen, and a line break would begin another field.
    private static IEnumerable<string> Lines((string Name, string Value)[] fields) => fields.Select(field =>
        TextSanitizer.Line(field.Value) == field.Value
            ? $"{field.Name}={field.Value}"
            : throw new UserError($"{field.Name} contains a line break or another invisible character", "use --format json"));

    /// <summary>As it is where no shell would see anything in it, else in single quotes.</summary>
    private static string Quote(string value) =>
        value.All(c => char.IsAsciiLetterOrDigit(c) || "@%+=:,./_-".Contains(c, StringComparison.Ordinal)) ? value
        : $"'{value.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
