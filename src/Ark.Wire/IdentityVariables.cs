namespace Ark.Wire;

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

    /// <summary>Set for every program that the daemon runs for the configuration: what comes back with it comes from such a program.</summary>
    public const string Loop = "ARK_CHAIN";

    /// <summary>
    /// Where the caller's stores are, for the programs that the daemon runs on the caller's behalf: the desktop's keyring by its
    /// session bus, pass by its folder, and where somebody can be asked for a passphrase.
    /// </summary>
    public static IReadOnlyList<string> Stores { get; } =
    [
        "DBUS_SESSION_BUS_ADDRESS",
        "XDG_RUNTIME_DIR",
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "GNUPGHOME",
        "GPG_TTY",
        "PASSWORD_STORE_DIR",
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
        "AWS_CA_BUNDLE",
    ];

    /// <summary>Every name that is forwarded when it is set.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        CalledAs,
        "ARK_ORGANIZATION",

        // Where the caller's configuration and ~/.aws are: two shells of one user may disagree about it, and whichever of them happened to start
        // the daemon must not decide for the other.
        "ARK_CONFIG",
        "XDG_CONFIG_HOME",
        "HOME",
        "USERPROFILE",

        Loop,
        .. Stores,

        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_ROLE_ARN",
        "AWS_ROLE_SESSION_NAME",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_ECR",
        "AWS_ENDPOINT_URL_ECR_PUBLIC",
        "AWS_ENDPOINT_URL_STS",
        "AWS_ENDPOINT_URL_SSO",
        "AWS_ENDPOINT_URL_SSO_OIDC",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "AWS_CA_BUNDLE",
    ];

    /// <summary>Collects those of <see cref="Names"/> that <paramref name="environment"/> has, leaving out empty ones.</summary>
    public static Dictionary<string, string> Collect(Func<string, string?> environment)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string name in Names)
        {
            if (environment(name) is { Length: > 0 } value)
            {
                found.Add(name, value);
            }
        }

        return found;
    }
}
