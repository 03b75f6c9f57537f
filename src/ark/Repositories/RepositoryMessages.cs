using System.Text.Json;
using System.Text.Json.Serialization;
using Ark.Cli.Output;

namespace Ark.Cli.Repositories;

/// <summary>Asks for one page; the registry by its place in the configuration, the first page without a token.</summary>
internal sealed record PageRequest(string Organization, int Registry, string? NextToken);

/// <summary>Some of an organization's repositories; the last page has no token.</summary>
internal sealed record Page
{
    public required IReadOnlyList<ListedRepository> Repositories { get; init; }

    public string? NextToken { get; init; }

    /// <exception cref="UserError">It is no page.</exception>
    public static Page Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, RepositoryJson.Default.Page) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new UserError("the daemon's list of repositories cannot be read", "restart it with ark daemon restart");
        }
    }
}

/// <summary>A repository.</summary>
/// <param name="Organization">The id of its organization, else the name.</param>
/// <param name="Url">Where it is pushed to: host and path, no scheme, no tag.</param>
internal sealed record ListedRepository(string Organization, string Url);

/// <summary>The answer of <c>ark repo list --json</c>, which is a contract.</summary>
internal sealed record RepositoryList(IReadOnlyList<ListedRepository> Repositories);

internal sealed record CreateRequest(string Organization, string Name, string? Host, bool IfNotExists);

internal sealed record DeleteRequest(string Organization, string Name, string? Host, bool Force);

internal sealed record LocateRequest(string Organization, string Name, string? Host);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(PageRequest))]
[JsonSerializable(typeof(Page))]
[JsonSerializable(typeof(RepositoryList))]
[JsonSerializable(typeof(CreateRequest))]
[JsonSerializable(typeof(DeleteRequest))]
[JsonSerializable(typeof(LocateRequest))]
internal sealed partial class RepositoryJson : JsonSerializerContext;
