using Amazon.Runtime;
using Ark.Core.Problems;

namespace Ark.Aws.Sdk;

/// <summary>What a call is, for the sentence that explains its failure. It holds no secret.</summary>
/// <param name="Action">The action as policies name it, such as <c>ecr:GetAuthorizationToken</c>.</param>
/// <param name="Object">What it acts on, or null.</param>
/// <param name="LoginProfile">The profile whose interactive login is used, when a refusal means that it is over.</param>
internal sealed record AwsCall(string Action, string? Object = null, string? LoginProfile = null)
{
    public override string ToString() => Object is null ? Action : $"{Action} of {Object}";
}

/// <summary>Makes the calls of one fetch and turns their failures into problems.</summary>
/// <param name="identity">Who asks, for people.</param>
internal sealed class AwsCaller(string identity)
{
    /// <summary>The host that was asked last, so that a fetch which runs out of time can say who kept it waiting.</summary>
    public string? Asking { get; private set; }

    /// <param name="call">What the call is.</param>
    /// <param name="client">Who is asked.</param>
    /// <param name="secrets">What must not be in the problem's text, even if AWS says it.</param>
    /// <param name="make">Makes the call.</param>
    public async Task<Outcome<T>> CallAsync<T>(AwsCall call, AmazonServiceClient client, string?[] secrets, Func<Task<T>> make)
        where T : class
    {
        Asking = HostOf(client.Config);
        try
        {
            return await make();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (AwsFailure.Describe(e, call, identity, Asking, secrets) is { } problem)
            {
                return problem;
            }

            throw;
        }
    }

    private static string HostOf(IClientConfig config) => config.ServiceURL is { } url
        ? new Uri(url).Authority
        : $"{config.RegionEndpointServiceName} in {config.RegionEndpoint?.SystemName}";
}
