using System.Text.Json;

namespace Ark.Daemon.Dispatching;

/// <summary>The payload of the verbs for repositories. What a verb does not use is absent.</summary>
internal sealed record RepositoryRequest
{
    /// <summary>The organization's name or id; null where none was named.</summary>
    public string? Organization { get; private init; }

    /// <summary>The repository's name below the organization's prefix.</summary>
    public string? Name { get; private init; }

    /// <summary>The registry, by one of its hosts; null for the organization's first of ECR.</summary>
    public string? Host { get; private init; }

    /// <summary>The registry, by its place in the configuration.</summary>
    public int? Registry { get; private init; }

    /// <summary>What the page before gave; null for the first.</summary>
    public string? NextToken { get; private init; }

    public bool IfNotExists { get; private init; }

    public bool Force { get; private init; }

    /// <summary>Null when it is not one flat JSON object of these properties, each at most once and of its type.</summary>
    public static RepositoryRequest? Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1 });
        var request = new RepositoryRequest();
        HashSet<string> seen = new(StringComparer.Ordinal);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                if (!seen.Add(name) || !reader.Read() || request.With(name, ref reader) is not { } more)
                {
                    return null;
                }

                request = more;
            }

            return reader.TokenType == JsonTokenType.EndObject && !reader.Read() ? request : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException is the reader's word for another type than asked for, and for half a surrogate pair.
            return null;
        }
    }

    private RepositoryRequest? With(string name, ref Utf8JsonReader value) => (name, value.TokenType) switch
    {
        (_, JsonTokenType.Null) => this,
        ("organization", _) => this with { Organization = value.GetString() },
        ("name", _) => this with { Name = value.GetString() },
        ("host", _) => this with { Host = value.GetString() },
        ("nextToken", _) => this with { NextToken = value.GetString() },
        ("registry", _) => value.TryGetInt32(out int registry) && registry >= 0 ? this with { Registry = registry } : null,
        ("ifNotExists", _) => this with { IfNotExists = value.GetBoolean() },
        ("force", _) => this with { Force = value.GetBoolean() },
        _ => null,
    };
}
