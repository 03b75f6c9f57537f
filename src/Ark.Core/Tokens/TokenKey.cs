namespace Ark.Core.Tokens;

/// <summary>
/// What makes two requests share one token: where it is valid and who asks. An ECR token is good for every registry that its
/// principal may use in a region, so hosts are not part of it.
/// </summary>
/// <param name="Partition">AWS partition, such as <c>aws</c> or <c>aws-cn</c>.</param>
/// <param name="Region">AWS region, such as <c>eu-west-1</c>.</param>
/// <param name="Service"><c>ecr</c> or <c>ecr-public</c>.</param>
/// <param name="Endpoint">The API address when it was overridden, otherwise empty.</param>
/// <param name="Principal">Who asks: a name and a fingerprint, never a secret and never a short-lived session's keys.</param>
public readonly record struct TokenKey(string Partition, string Region, string Service, string Endpoint, string Principal);
