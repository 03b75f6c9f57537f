namespace Ark.Aws.Sdk;

/// <summary>Where the services of one fetch are. Only ECR's address is always known; null means the service's own in its region.</summary>
internal sealed record ServiceEndpoints(string Ecr, string? Sts, string? Sso, string? SsoOidc);
