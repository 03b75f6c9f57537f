using Amazon.Runtime;
using Amazon.Runtime.Credentials.Internal;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;

namespace Ark.Aws.Sdk;

/// <summary>Sends a request to the configured address and nowhere else: no rules, no table, no discovery.</summary>
internal sealed class PinnedEndpoint : BaseEndpointResolver
{
    protected override void PreInvoke(IExecutionContext executionContext)
    {
        IRequest request = executionContext.RequestContext.Request;
        IClientConfig config = executionContext.RequestContext.ClientConfig;
        request.Endpoint = new Uri(config.ServiceURL);
        request.AuthenticationRegion = config.AuthenticationRegion;
    }
}

/// <summary>Signature version 4 and nothing else.</summary>
internal sealed class SignatureVersion4 : BaseAuthResolverHandler
{
    protected override List<IAuthSchemeOption> ResolveAuthOptions(IExecutionContext executionContext) =>
        [new AuthSchemeOption { SchemeId = "aws.auth#sigv4" }];
}
