using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.SecurityToken;
using Amazon.SSO;
using Amazon.SSOOIDC;
using Ark.Aws.Ecr;
using Ark.Aws.EcrPublic;

namespace Ark.Aws.Sdk;

/// <summary>The clients of one fetch. Each is disposed of by whoever asked for it; the connections go with the fetch.</summary>
internal sealed class Clients(SdkSettings settings, ServiceEndpoints endpoints)
{
    private static readonly AnonymousAWSCredentials Unsigned = new();

    public AmazonECRClient Ecr(AwsKeys keys, string region) =>
        new(keys.ForSdk(), settings.Apply(new AmazonECRConfig(), endpoints.Ecr, region), settings);

    public AmazonECRPublicClient EcrPublic(AwsKeys keys, string region) =>
        new(keys.ForSdk(), settings.Apply(new AmazonECRPublicConfig(), endpoints.Ecr, region), settings);

    public AmazonSecurityTokenServiceClient Sts(AwsKeys? keys, string region) =>
        new StsClient(keys?.ForSdk() ?? Unsigned, settings.Apply(new AmazonSecurityTokenServiceConfig(), endpoints.Sts, region), settings);

    public AmazonSSOClient Sso(string region) => new SsoClient(settings.Apply(new AmazonSSOConfig(), endpoints.Sso, region), settings);

    public AmazonSSOOIDCClient SsoOidc(string region) =>
        new OidcClient(settings.Apply(new AmazonSSOOIDCConfig(), endpoints.SsoOidc, region), settings);

    // The SDK builds its pipeline inside the base constructor, before a field of ours could be set; captured parameters of a
    // primary constructor are, because they are assigned before the base constructor runs.
    private sealed class StsClient(AWSCredentials credentials, AmazonSecurityTokenServiceConfig config, SdkSettings settings)
        : AmazonSecurityTokenServiceClient(credentials, config)
    {
        protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
        {
            base.CustomizeRuntimePipeline(pipeline);
            settings.UseClock(pipeline, Config);
        }
    }

    private sealed class SsoClient(AmazonSSOConfig config, SdkSettings settings) : AmazonSSOClient(Unsigned, config)
    {
        protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
        {
            base.CustomizeRuntimePipeline(pipeline);
            settings.UseClock(pipeline, Config);
        }
    }

    private sealed class OidcClient(AmazonSSOOIDCConfig config, SdkSettings settings) : AmazonSSOOIDCClient(Unsigned, config)
    {
        protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
        {
            base.CustomizeRuntimePipeline(pipeline);
            settings.UseClock(pipeline, Config);
        }
    }
}
