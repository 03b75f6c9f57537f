namespace Ark.Aws.Sdk;

/// <summary>
/// Keeps the process's own surroundings from the SDK. However explicit a client's configuration is, the SDK also reads the
/// <c>AWS_*</c> variables and the default profile files of its process, and a half-written <c>~/.aws/credentials</c> makes every
/// call fail, for identities that have nothing to do with it.
/// </summary>
internal static class SdkIsolation
{
    /// <summary>Removes every <c>AWS_*</c> variable of this process and points the SDK's file look-up at nothing. Once is enough.</summary>
    public static void Apply()
    {
        foreach (string name in Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(IsAws).ToArray())
        {
            Environment.SetEnvironmentVariable(name, null);
        }

        string nothing = OperatingSystem.IsWindows() ? "NUL" : "/dev/null";
        Environment.SetEnvironmentVariable("AWS_CONFIG_FILE", nothing);
        Environment.SetEnvironmentVariable("AWS_SHARED_CREDENTIALS_FILE", nothing);
        Environment.SetEnvironmentVariable("AWS_EC2_METADATA_DISABLED", "true");
    }

    private static bool IsAws(string name) => name.StartsWith("AWS_", StringComparison.OrdinalIgnoreCase);
}
