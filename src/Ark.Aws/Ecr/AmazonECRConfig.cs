using Ark.Aws.Sdk;

namespace Ark.Aws.Ecr;

/// <summary>Configuration of <see cref="AmazonECRClient"/>: address and region must both be set.</summary>
internal sealed class AmazonECRConfig : JsonServiceConfig
{
    public AmazonECRConfig()
        : base("ECR", "ecr", "2015-09-21")
    {
    }
}
