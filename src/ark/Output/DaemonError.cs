namespace Ark.Cli.Output;

/// <summary>The daemon has said no, and its own words stand on the error stream already: the command ends with exit code 1.</summary>
internal sealed class DaemonError() : Exception("the daemon has said why");
