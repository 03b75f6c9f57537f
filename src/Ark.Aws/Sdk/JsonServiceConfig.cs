using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;
using Amazon.Util.Internal;

namespace Ark.Aws.Sdk;

/// <summary>What the SDK wants to know of a service before it talks to it.</summary>
internal abstract class JsonServiceConfig : ClientConfig
{
    private static readonly string Version = typeof(JsonServiceConfig).Assembly.GetName().Version?.ToString(3) ?? "0";

    protected JsonServiceConfig(string serviceId, string signingName, string version)
        : base(new DefaultConfigurationProvider([new DefaultConfiguration { Name = DefaultConfigurationMode.Standard }]))
    {
        ServiceId = serviceId;
        AuthenticationServiceName = signingName;
        RegionEndpointServiceName = signingName;
        ServiceVersion = version;
    }

    public override string ServiceVersion { get; }

    public override string RegionEndpointServiceName { get; }

    public override string UserAgent { get; } = $"{InternalSDKUtils.BuildUserAgentString("")} ark/{Version}";

    public override Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters) => new(ServiceURL);
}
