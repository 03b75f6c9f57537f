using System.Text;
using System.Text.Unicode;

namespace Ark.Wire;

/// <summary>
/// The caller's <see cref="IdentityVariables"/> as they travel with a request. A text becomes a string when somebody asks for it and not
/// before; a secret stays bytes, and is wiped with the request.
/// </summary>
public sealed class CallerVariables : IDisposable
{
    private readonly List<Variable> _variables = [];

    public static CallerVariables Empty { get; } = new();

    public int Count => _variables.Count;

    /// <summary>For whoever sends them, or has them from elsewhere than a frame.</summary>
    public static CallerVariables Of(IReadOnlyDictionary<string, string> variables)
    {
        var all = new CallerVariables();
        foreach ((string name, string value) in variables)
        {
            all._variables.Add(Variable.Of(name, Encoding.UTF8.GetBytes(value)));
        }

        return all;
    }

    /// <summary>Whether the caller has set it, to whatever.</summary>
    public bool ContainsKey(string name) => Find(name) is not null;

    /// <summary>The text of a variable that holds no secret, or null when it is unset or blank: AWS treats the two alike.</summary>
    public string? Text(string name)
    {
        if (IdentityVariables.Secrets.Contains(name))
        {
            throw new ArgumentException($"{name} is a secret", nameof(name));
        }

        return Find(name)?.Text;
    }

    /// <summary>The bytes of a variable that holds a secret; empty when it is unset or blank, or the request is over.</summary>
    public ReadOnlySpan<byte> Secret(string name) => Find(name)?.Secret is { } secret ? secret.Bytes : [];

    /// <summary>A copy that outlives the request; null when the variable is unset or empty, or the request is over.</summary>
    public Secret? CopySecret(string name) => Find(name)?.Secret is { Bytes.IsEmpty: false } secret ? secret.Copy() : null;

    /// <summary>The same without secrets and without what goes with them, for whoever keeps them beyond the request.</summary>
    public CallerVariables WithoutKeys()
    {
        var rest = new CallerVariables();
        rest._variables.AddRange(_variables.Where(static variable => !IdentityVariables.Keys.Contains(variable.Name)));
        return rest;
    }

    /// <summary>Wipes the secrets.</summary>
    public void Dispose()
    {
        foreach (Variable variable in _variables)
        {
            variable.Secret?.Dispose();
        }
    }

    /// <summary>Never the values.</summary>
    public override string ToString() => $"{Count} variables";

    internal void Write(ref BodyWriter body)
    {
        body.UInt16(Count);
        foreach (Variable variable in _variables)
        {
            body.Text(variable.Name);
            body.Text(variable.Bytes);
        }
    }

    /// <summary>
    /// Only known names are taken in, once each: a frame cannot smuggle anything else into the daemon. Null, with nothing left of the
    /// secrets, when there is another, when a text is not UTF-8, or when it has a NUL: no variable of a process can have one, and the C
    /// library would cut a path there.
    /// </summary>
    internal static CallerVariables? Read(ref BodyReader body)
    {
        var all = new CallerVariables();
        for (int left = body.UInt16(); left > 0; left--)
        {
            string? name = IdentityVariables.Known(body.ShortBytes());
            ReadOnlySpan<byte> value = body.ShortBytes();
            if (name is null || all._variables.Exists(variable => variable.Name == name) || !IsText(value) || body.Failed)
            {
                all.Dispose();
                return null;
            }

            all._variables.Add(Variable.Of(name, value));
        }

        return all;
    }

    private static bool IsText(ReadOnlySpan<byte> value) => Utf8.IsValid(value) && !value.Contains((byte)0);

    private Variable? Find(string name) => _variables.Find(variable => variable.Name == name);

    private sealed class Variable
    {
        private readonly byte[] _bytes;
        private string? _text;

        private Variable(string name, byte[] bytes, Secret? secret) => (Name, _bytes, Secret) = (name, bytes, secret);

        public string Name { get; }

        public Secret? Secret { get; }

        public ReadOnlySpan<byte> Bytes => Secret is null ? _bytes : Secret.Bytes;

        public string? Text => _bytes.Length == 0 ? null : _text ??= Encoding.UTF8.GetString(_bytes);

        public static Variable Of(string name, ReadOnlySpan<byte> value)
        {
            value = value.IndexOfAnyExcept(" \t\r\n"u8) < 0 ? [] : value;
            return IdentityVariables.Secrets.Contains(name)
                ? new Variable(name, [], new Secret(value))
                : new Variable(name, value.ToArray(), secret: null);
        }
    }
}

/// <summary>
/// The caller's variables that travel with a request, and no others. The daemon uses them for that request alone, and those of AWS only
/// where the configuration leaves the choice of identity to the caller.
/// </summary>
public static class IdentityVariables
{
    /// <summary>
    /// No variable of the environment: the organization by whose name the helper was called, <c>docker-credential-ark-ORGANIZATION</c>.
    /// </summary>
    public const string CalledAs = "ARK_CALLED_AS";

    /// <summary>Longer than the name of any file.</summary>
    private const int LongestRelative = 255;

    /// <summary>
    /// Set for every program that the daemon runs for the configuration: what comes back with it comes from such a program.
    /// </summary>
    public const string Loop = "ARK_CHAIN";

    /// <summary>
    /// Where the caller's stores are, for the programs that the daemon runs on the caller's behalf: the desktop's keyring by its
    /// session bus, pass by its folder, aws-vault and HashiCorp's Vault by their own variables, and where somebody can be asked for a
    /// passphrase.
    /// </summary>
    public static IReadOnlyList<string> Stores { get; } =
    [
        "DBUS_SESSION_BUS_ADDRESS",
        "XDG_RUNTIME_DIR",
        "XDG_DATA_HOME",
        "XDG_STATE_HOME",
        "XDG_CACHE_HOME",
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "GNUPGHOME",
        "GPG_TTY",
        "PASSWORD_STORE_DIR",
        "SSH_AUTH_SOCK",
        "VAULT_ADDR",
        "AWS_VAULT_BACKEND",
        "AWS_VAULT_FILE_DIR",
        "AWS_VAULT_KEYCHAIN_NAME",
        "AWS_VAULT_PASS_PASSWORD_STORE_DIR",
        "AWS_VAULT_PASS_PREFIX",
        "AWS_VAULT_PROMPT",
        "AWS_VAULT_SECRET_SERVICE_COLLECTION_NAME",
    ];

    /// <summary>
    /// Those whose values name files, or lead to files or programs: in another mount namespace, such as a container's, they mean others.
    /// </summary>
    public static IReadOnlyList<string> Paths { get; } =
    [
        "ARK_CONFIG",
        "XDG_CONFIG_HOME",
        "HOME",
        "USERPROFILE",
        .. Stores,
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_LOGIN_CACHE_DIRECTORY",
        "AWS_CA_BUNDLE",
    ];

    /// <summary>Those whose values name addresses that a container has for itself: elsewhere they mean others as well.</summary>
    public static IReadOnlyList<string> Addresses { get; } =
    [
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    ];

    /// <summary>Those that hold a secret: they stay bytes, and are wiped with the request.</summary>
    public static IReadOnlyList<string> Secrets { get; } =
        ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN"];

    /// <summary>The secrets and what goes with them, which whoever keeps a caller beyond the request does without.</summary>
    public static IReadOnlyList<string> Keys { get; } = ["AWS_ACCESS_KEY_ID", .. Secrets];

    /// <summary>Every name that is forwarded when it is set.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        CalledAs,
        "ARK_ORGANIZATION",

        // Where the caller's configuration and ~/.aws are: two shells of one user may disagree about it, and whichever of them happened to
        // start the daemon must not decide for the other.
        "ARK_CONFIG",
        "XDG_CONFIG_HOME",
        "HOME",
        "USERPROFILE",

        Loop,
        .. Stores,

        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        .. Keys,
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_ROLE_ARN",
        "AWS_ROLE_SESSION_NAME",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_LOGIN_CACHE_DIRECTORY",
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_ECR",
        "AWS_ENDPOINT_URL_ECR_PUBLIC",
        "AWS_ENDPOINT_URL_STS",
        "AWS_ENDPOINT_URL_SSO",
        "AWS_ENDPOINT_URL_SSO_OIDC",
        "AWS_ENDPOINT_URL_SIGNIN",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "AWS_USE_FIPS_ENDPOINT",
        "AWS_USE_DUALSTACK_ENDPOINT",
        "AWS_SDK_UA_APP_ID",
        "AWS_CA_BUNDLE",
    ];

    /// <summary>
    /// Where the metadata endpoints of the machine or container are. For organizations that use them the daemon's own count, with which
    /// its service or container was started; a client starts it without any.
    /// </summary>
    public static Dictionary<string, string> CollectMetadata(Func<string, string?> environment) => Collect(name =>
        name.StartsWith("AWS_CONTAINER_", StringComparison.Ordinal) || name.StartsWith("AWS_EC2_METADATA_", StringComparison.Ordinal)
            ? environment(name)
            : null);

    /// <summary>
    /// Collects those of <see cref="Names"/> that <paramref name="environment"/> has, leaving out empty ones. Paths of AWS's files are made
    /// absolute: the daemon works elsewhere.
    /// </summary>
    public static Dictionary<string, string> Collect(Func<string, string?> environment)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string name in Names)
        {
            if (environment(name) is { Length: > 0 } value)
            {
                found.Add(name, IsRelativePath(name, value) ? FromHere(value) : value);
            }
        }

        return found;
    }

    /// <summary>
    /// A path of AWS's that means something else elsewhere. <c>~/</c> is the daemon's to expand, and a token that was pasted where its
    /// file should be named must not look like a path, which errors show.
    /// </summary>
    private static bool IsRelativePath(string name, string value) =>
        name.StartsWith("AWS_", StringComparison.Ordinal) && Paths.Contains(name) && value[0] is not ('~' or '/') &&
        !Path.IsPathRooted(value) && !(value.StartsWith("eyJ", StringComparison.Ordinal) || value.Length > LongestRelative);

    /// <summary>Not normalized: with links on the way <c>..</c> is not what it looks like.</summary>
    private static string FromHere(string value)
    {
        try
        {
            return Path.Join(Environment.CurrentDirectory, value);
        }
        catch (IOException)
        {
            // The directory is gone, and with it what the path meant; the daemon says so.
            return value;
        }
    }

    /// <summary>The name that these bytes spell, or null when it is none of <see cref="Names"/>.</summary>
    internal static string? Known(ReadOnlySpan<byte> name)
    {
        foreach (string known in Names)
        {
            if (Ascii.Equals(name, known))
            {
                return known;
            }
        }

        return null;
    }
}
