using System.Net;
using System.Text.Json;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;

namespace Ark.Aws.Sdk;

/// <summary>
/// One operation of an AWS service that speaks JSON 1.1: how its request is written and its answer read. This is what the SDK's
/// generator would have made; an operation more is one instance more.
/// </summary>
/// <param name="target">Service and operation as <c>X-Amz-Target</c> names them.</param>
/// <param name="write">Writes the members of the request; the braces around them are written here.</param>
/// <param name="read">Reads the answer's object. A member that is absent stays null.</param>
internal sealed class JsonOperation<TRequest, TResponse>(
    string target,
    Action<Utf8JsonWriter, TRequest> write,
    Func<JsonElement, TResponse> read)
    : JsonResponseUnmarshaller, IMarshaller<IRequest, AmazonWebServiceRequest>
    where TRequest : AmazonWebServiceRequest
    where TResponse : AmazonWebServiceResponse, new()
{
    public InvokeOptions Options => new() { RequestMarshaller = this, ResponseUnmarshaller = this };

    public IRequest Marshall(AmazonWebServiceRequest input)
    {
        using var content = new MemoryStream();
        using (var writer = new Utf8JsonWriter(content))
        {
            writer.WriteStartObject();
            write(writer, (TRequest)input);
            writer.WriteEndObject();
        }

        var request = new DefaultRequest(input, target[..target.IndexOf('.', StringComparison.Ordinal)])
        {
            HttpMethod = "POST",
            ResourcePath = "/",
            Content = content.ToArray(),
        };
        request.Headers["X-Amz-Target"] = target;
        request.Headers["Content-Type"] = "application/x-amz-json-1.1";
        return request;
    }

    public override AmazonWebServiceResponse Unmarshall(JsonUnmarshallerContext input)
    {
        try
        {
            using var document = JsonDocument.Parse(input.Stream);
            return read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            // The exception's own text may quote the body, and the body may hold a token: it goes no further.
            throw new AmazonUnmarshallingException(requestId: "", lastKnownLocation: "", innerException: null);
        }
    }

    public override AmazonServiceException UnmarshallException(
        JsonUnmarshallerContext input, Exception innerException, HttpStatusCode statusCode)
    {
        (string? code, string? message) = JsonError.Read(input.Stream);
        code ??= JsonError.CodeOf(input.ResponseData?.GetHeaderValue("x-amzn-ErrorType"));
        string? requestId = input.ResponseData?.GetHeaderValue("x-amzn-RequestId");
        ErrorType blame = (int)statusCode >= 500 ? ErrorType.Receiver : ErrorType.Sender;
        return new AmazonServiceException(message ?? "", null, blame, code ?? "", requestId ?? "", statusCode);
    }
}
