namespace Ark.Testing.Aws;

/// <summary>A session that AssumeRole opened, and what was asked for.</summary>
/// <param name="RoleArn">The role.</param>
/// <param name="ExternalId">As sent, or null.</param>
/// <param name="Name">The session's name.</param>
/// <param name="Policy">The session policy, or null for none.</param>
/// <param name="By">Who assumed the role.</param>
/// <param name="Session">Who one is in it.</param>
public sealed record AssumedSession(string RoleArn, string? ExternalId, string Name, string? Policy, Principal By, Principal Session);
