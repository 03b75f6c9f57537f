using Amazon.Runtime;
using Amazon.Runtime.Internal;

namespace Ark.Aws.Sdk;

/// <summary>
/// A client of a JSON service on the SDK's own runtime: its signing, retries and clock-skew correction, with an address that
/// nothing but its configuration decides.
/// </summary>
internal abstract class JsonServiceClient(AWSCredentials credentials, JsonServiceConfig config, SdkSettings settings)
    : AmazonServiceClient(credentials, config)
{
    protected override IServiceMetadata ServiceMetadata { get; } = new Metadata(config.ServiceId);

    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        pipeline.RemoveHandler<EndpointResolver>();
        pipeline.AddHandlerAfter<Marshaller>(new PinnedEndpoint());
        pipeline.AddHandlerAfter<PinnedEndpoint>(new SignatureVersion4());
        settings.UseClock(pipeline, Config);
    }

    protected Task<TResponse> InvokeAsync<TRequest, TResponse>(
        JsonOperation<TRequest, TResponse> operation, TRequest request, CancellationToken cancellationToken)
        where TRequest : AmazonWebServiceRequest
        where TResponse : AmazonWebServiceResponse, new() => InvokeAsync<TResponse>(request, operation.Options, cancellationToken);

    private sealed class Metadata(string serviceId) : IServiceMetadata
    {
        public string ServiceId => serviceId;

        public IDictionary<string, string> OperationNameMapping { get; } = new Dictionary<string, string>();
    }
}
