namespace Ark.Wire;

/// <summary>The daemon's whole answer, ready to be printed: the client adds nothing to it.</summary>
/// <param name="ExitCode">0 or 1; no client of the credential-helper protocol understands more.</param>
/// <param name="Stdout">The bytes for standard output. They may be a secret: print and forget.</param>
/// <param name="Stderr">The bytes for standard error; never a secret.</param>
/// <param name="Build">The daemon's version, such as <c>0.1.0</c>.</param>
public sealed record Reply(int ExitCode, byte[] Stdout, byte[] Stderr, string Build);
