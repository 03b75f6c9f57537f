using Ark.Aws.Sdk;

namespace Ark.Aws.EcrPublic;

/// <summary>Configuration of <see cref="AmazonECRPublicClient"/>: address and region must both be set.</summary>
internal sealed class AmazonECRPublicConfig : JsonServiceConfig
{
    public AmazonECRPublicConfig()
        : base("ECR PUBLIC", "ecr-public", "2020-10-30")
    {
    }
}
