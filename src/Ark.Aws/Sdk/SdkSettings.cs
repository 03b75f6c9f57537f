using System.Security.Cryptography;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Internal;

namespace Ark.Aws.Sdk;

/// <summary>
/// What every client of a fetch has in common. Each setting that the SDK would otherwise look up in the process's environment or
/// in configuration files is given here, because the daemon's own surroundings must not decide anything.
/// </summary>
internal sealed class SdkSettings(TimeProvider time, HttpClientFactory http)
{
    // Two repetitions: the daemon has a back-off of its own, and a person may be waiting.
    private const int Repetitions = 2;

    // Before the first client of any kind is made.
    static SdkSettings() => SdkIsolation.Apply();

    /// <param name="config">The configuration to complete.</param>
    /// <param name="endpoint">The address, or null for the service's own in the region.</param>
    /// <param name="region">The region to sign for.</param>
    public TConfig Apply<TConfig>(TConfig config, string? endpoint, string region)
        where TConfig : ClientConfig
    {
        config.IgnoreConfiguredEndpointUrls = true;
        config.DefaultConfigurationMode = DefaultConfigurationMode.Standard;
        config.RetryMode = RequestRetryMode.Standard;
        config.MaxErrorRetry = Repetitions;
        config.UseDualstackEndpoint = false;
        config.UseFIPSEndpoint = false;
        config.AccountIdEndpointMode = AccountIdEndpointMode.DISABLED;
        config.DisableRequestCompression = true;
        config.RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED;
        config.ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED;
        config.AllowAutoRedirect = false;
        config.LogResponse = false;
        config.LogMetrics = false;
        config.DisableLogging = true;
        config.HttpClientFactory = http;
        if (endpoint is null)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }
        else
        {
            config.ServiceURL = endpoint;
        }

        config.AuthenticationRegion = region;
        return config;
    }

    /// <summary>The SDK's rules of what to repeat, with waits on our clock.</summary>
    public void UseClock(RuntimePipeline pipeline, IClientConfig config) =>
        pipeline.ReplaceHandler<RetryHandler>(new RetryHandler(new ClockedRetryPolicy(time, config)));

    private sealed class ClockedRetryPolicy(TimeProvider time, IClientConfig config) : StandardRetryPolicy(config)
    {
        public override Task WaitBeforeRetryAsync(IExecutionContext executionContext)
        {
            // Full jitter: anything up to one second before the first repetition, two before the second.
            int delay = RandomNumberGenerator.GetInt32(1000 * executionContext.RequestContext.Retries + 1);
            return Task.Delay(TimeSpan.FromMilliseconds(delay), time, executionContext.RequestContext.CancellationToken);
        }
    }
}
