using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ark.Messages;

/// <summary>
/// How every message is written and read, by both ends. Members of a newer daemon are passed over; one that comes twice, or is of another
/// type, makes the whole message unreadable.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(InstantConverter)])]
[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(ErrorReport))]
[JsonSerializable(typeof(OrganizationsReport))]
[JsonSerializable(typeof(ChoiceReport))]
[JsonSerializable(typeof(ValidationReport))]
[JsonSerializable(typeof(ConfigurationPlace))]
[JsonSerializable(typeof(ProposedConfiguration))]
[JsonSerializable(typeof(ImageDescription))]
[JsonSerializable(typeof(RepositoryRequest))]
[JsonSerializable(typeof(RepositoryPage))]
[JsonSerializable(typeof(ExplainRequest))]
[JsonSerializable(typeof(RegistryExplanation))]
[JsonSerializable(typeof(LoginRequest))]
[JsonSerializable(typeof(LoginTargets))]
[JsonSerializable(typeof(LoginStep))]
public sealed partial class MessagesJson : JsonSerializerContext
{
    /// <summary>The same, a member a line, for people.</summary>
    public static MessagesJson Indented =>
        field ??= new(new JsonSerializerOptions(Default.Options) { WriteIndented = true, NewLine = "\n" });
}

/// <summary>An instant as every log and script writes it: UTC to the second, with a <c>Z</c>.</summary>
internal sealed class InstantConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
}
