using System.Text.Json;
using Ark.Cli.Credentials;
using Ark.Cli.Output;

namespace Ark.Cli.Docker;

/// <summary>
/// What docker's <c>config.json</c> says about helpers and stored logins. Immutable: an edit gives a new one,
/// which differs in the bytes of that edit only.
/// </summary>
internal sealed class DockerConfig
{
    private const string Helpers = "credHelpers";
    private const string Logins = "auths";
    private const string Store = "credsStore";

    private readonly string _path;
    private readonly JsonText? _text;
    private readonly bool _isOldFormat;

    private DockerConfig(byte[] bytes, string path, bool isOldFormat = false)
    {
        Bytes = bytes;
        (_path, _isOldFormat) = (path, isOldFormat);
        _text = JsonText.IsBlank(bytes) ? null : Read(bytes, path);
        CheckSections();
    }

    public byte[] Bytes { get; }

    public string Path => _path;

    public bool HasHelperSection => Members(Helpers) is not null;

    /// <summary>True when nothing is in it but empty objects: docker behaves as if the file were not there.</summary>
    public bool IsHollow => _text is null || _text.Root.IsHollow;

    /// <summary>Hosts and their helpers, in the file's order; a helper that is no string is null.</summary>
    public IEnumerable<(string Host, string? Helper)> AllHelpers =>
        (Members(Helpers) ?? []).Select(member => (member.Name, member.Value.Text));

    /// <summary>The helper for every host that has none of its own; null where there is none.</summary>
    public string? CredsStore => StoreMember?.Value.Text is { Length: > 0 } store ? store : null;

    /// <summary>The logins that are stored in the file itself. docker leaves empty entries behind; those do not count.</summary>
    public IEnumerable<StoredLogin> AllStoredLogins =>
        from login in Members(Logins) ?? []
        where EcrToken.SecretsOf(login.Value).Any()
        group EcrToken.ExpiryOf(login.Value) by login.Name into same
        select new StoredLogin(same.Key, same.Any(end => end is null) ? null : same.Max());

    /// <summary>
    /// True when a store, a helper or a login is in it, or a trace of one: only where there is none, docker looks for the system's own store.
    /// </summary>
    public bool HasCredentials => CredsStore is not null || AllHelpers.Any() || Members(Logins) is { Count: > 0 };

    private JsonMember? StoreMember => _text is null ? null : JsonEdit.Section(_text, Store);

    /// <summary>Reads a configuration. An empty file is an empty configuration, as it is for docker.</summary>
    /// <param name="bytes">The file's bytes.</param>
    /// <param name="path">The file, for errors.</param>
    /// <exception cref="UserError">It is no JSON object, or says twice what may be said once.</exception>
    public static DockerConfig Parse(byte[] bytes, string path) => new(bytes, path);

    /// <summary>The same for <c>~/.dockercfg</c>, where logins stand at the root and nothing else does.</summary>
    /// <inheritdoc cref="Parse"/>
    public static DockerConfig ParseOldFormat(byte[] bytes, string path) => new(bytes, path, isOldFormat: true);

    public string? HelperOf(string host) => AllHelpers.FirstOrDefault(entry => entry.Host == host).Helper;

    public bool HasHelper(string host) => AllHelpers.Any(entry => entry.Host == host);

    /// <summary>The logins for a host that are stored in the file itself, under whichever key.</summary>
    public IEnumerable<StoredLogin> StoredLogins(string host) =>
        AllStoredLogins.Where(login => login.Host == RegistryHost.Registry(host));

    public DockerConfig WithHelper(string host, string helper) => new(JsonEdit.Set(Bytes, Helpers, host, helper), _path);

    public DockerConfig WithoutHelper(string host) => _text is null ? this : new(JsonEdit.Remove(Bytes, Helpers, host), _path);

    public DockerConfig WithoutHelperSection() => _text is null ? this : new(JsonEdit.RemoveSection(Bytes, Helpers), _path);

    public DockerConfig WithCredsStore(string store) => new(JsonEdit.SetText(Bytes, Store, store), _path);

    public DockerConfig WithoutCredsStore() => _text is null ? this : new(JsonEdit.RemoveText(Bytes, Store), _path);

    /// <summary>Without any login of this name, however often it is in there.</summary>
    public DockerConfig WithoutLogin(string name)
    {
        var config = this;
        while (config.Members(Logins)?.Any(member => member.Name == name) == true)
        {
            byte[] rest = _isOldFormat ? JsonEdit.RemoveSection(config.Bytes, name) : JsonEdit.Remove(config.Bytes, Logins, name);
            config = new(rest, _path, _isOldFormat);
        }

        return config;
    }

    private static JsonText Read(byte[] bytes, string path)
    {
        try
        {
            return JsonText.Parse(bytes);
        }
        catch (JsonException e)
        {
            throw new UserError(
                $"{path} is not a valid JSON object (line {e.LineNumber + 1}, column {e.BytePositionInLine + 1})",
                "repair that line; nothing was written");
        }
    }

    private IReadOnlyList<JsonMember>? Members(string section) =>
        _isOldFormat ? section == Logins ? _text?.Root.Members : null :
        _text is not null && JsonEdit.Section(_text, section) is { Value.IsObject: true } holder ? holder.Value.Members : null;

    private void CheckSections()
    {
        if (_isOldFormat)
        {
            return;
        }

        foreach (string section in (string[])[Helpers, Logins])
        {
            List<JsonMember> found =
                [.. (_text?.Root.Members ?? []).Where(member => section.Equals(member.Name, StringComparison.OrdinalIgnoreCase))];
            if (found.Count > 1)
            {
                throw new UserError($"{_path} has \"{section}\" {found.Count} times", "make them one; nothing was written");
            }

            if (found is [{ Value: { IsObject: false, Kind: not JsonTokenType.Null } }])
            {
                throw new UserError($"\"{section}\" in {_path} is not an object", "repair it; nothing was written");
            }
        }

        if (StoreMember is { Value.Kind: not (JsonTokenType.String or JsonTokenType.Null) })
        {
            throw new UserError($"\"{Store}\" in {_path} is not a name", "repair it; nothing was written");
        }

        if (AllHelpers.GroupBy(entry => entry.Host).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new UserError(
                $"\"{Helpers}\" in {_path} has \"{JsonEncodedText.Encode(twice.Key)}\" more than once", "leave one; nothing was written");
        }
    }
}
