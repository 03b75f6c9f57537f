using System.Runtime.InteropServices;

namespace Ark.Wire;

/// <summary>
/// Where this system keeps the certificates it trusts. OpenSSL linked into a program looks only where the distribution that built it
/// keeps them, and every distribution has a place of its own.
/// </summary>
public static partial class SystemCertificates
{
    private const string FileVariable = "SSL_CERT_FILE";

    private static readonly string[] Files =
    [
        "/etc/ssl/certs/ca-certificates.crt", // Debian, Alpine, Arch
        "/etc/pki/tls/certs/ca-bundle.crt", // Fedora, RHEL
        "/etc/ssl/ca-bundle.pem", // SUSE
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // RHEL without the links
        "/etc/ssl/cert.pem", // Alpine without the package ca-certificates
    ];

    /// <summary>Tells OpenSSL; to be called before the first connection.</summary>
    public static void Use()
    {
        if (!OperatingSystem.IsLinux() || Find(Environment.GetEnvironmentVariable, File.Exists) is not { } file)
        {
            return;
        }

        // Programs that we start inherit .NET's copy of the environment. It is taken here, before ours is changed.
        Environment.SetEnvironmentVariable(FileVariable, null);
        _ = setenv(FileVariable, file, 1);
    }

    /// <summary>The file to name to OpenSSL; none where the user has named some, or where there is none.</summary>
    internal static string? Find(Func<string, string?> environment, Predicate<string> exists) =>
        environment(FileVariable) is { Length: > 0 } || environment("SSL_CERT_DIR") is { Length: > 0 } ? null : Array.Find(Files, exists);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
