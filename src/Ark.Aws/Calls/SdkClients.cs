using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.SecurityToken;

namespace Ark.Aws.Calls;

/// <summary>
/// The SDK's client of STS, disposed of by whoever asked for it. Each setting that the SDK would otherwise look up in the
/// process's environment or in configuration files is given here, because the daemon's own surroundings must not decide anything.
/// </summary>
internal sealed class SdkClients(AwsHttp http)
{
    private static readonly AnonymousAWSCredentials Unsigned = new();

    private readonly SharedClient _http = new(http.Client);

    // Before the first client of any kind is made.
    static SdkClients() => Isolate();

    public AmazonSecurityTokenServiceClient Sts(AwsKeys? keys, string endpoint, string region) =>
        new StsClient(keys?.ForSdk() ?? Unsigned, Complete(new AmazonSecurityTokenServiceConfig(), endpoint, region));

    /// <summary>
    /// However explicit a client's configuration is, the SDK also reads the <c>AWS_*</c> variables and the default profile files of its
    /// process, and a half-written <c>~/.aws/credentials</c> makes every call fail, for identities that have nothing to do with it. So the
    /// variables of this process go, and the files it looks for are nowhere.
    /// </summary>
    private static void Isolate()
    {
        foreach (string name in Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(IsAws).ToArray())
        {
            Environment.SetEnvironmentVariable(name, null);
        }

        string nothing = OperatingSystem.IsWindows() ? "NUL" : "/dev/null";
        Environment.SetEnvironmentVariable("AWS_CONFIG_FILE", nothing);
        Environment.SetEnvironmentVariable("AWS_SHARED_CREDENTIALS_FILE", nothing);
        Environment.SetEnvironmentVariable("AWS_EC2_METADATA_DISABLED", "true");

        static bool IsAws(string name) => name.StartsWith("AWS_", StringComparison.OrdinalIgnoreCase);
    }

    private TConfig Complete<TConfig>(TConfig config, string endpoint, string region)
        where TConfig : ClientConfig
    {
        config.IgnoreConfiguredEndpointUrls = true;
        config.DefaultConfigurationMode = DefaultConfigurationMode.Standard;
        config.RetryMode = RequestRetryMode.Standard;
        config.MaxErrorRetry = 0;
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
        config.HttpClientFactory = _http;
        config.ServiceURL = endpoint;
        config.AuthenticationRegion = region;
        return config;
    }

    private static void Customize(RuntimePipeline pipeline, IClientConfig config) =>
        pipeline.ReplaceHandler<RetryHandler>(new RetryHandler(new ClockCorrection(config)));

    /// <summary>
    /// The SDK repeats nothing; <see cref="AwsCaller"/> does. The exception is a request that was refused for its time: only the SDK's
    /// own retry sets the SDK's clock right, and so that one is sent once more.
    /// </summary>
    private sealed class ClockCorrection(IClientConfig config) : StandardRetryPolicy(config)
    {
        public override bool CanRetry(IExecutionContext executionContext) => true;

        public override bool RetryLimitReached(IExecutionContext executionContext) => executionContext.RequestContext.Retries > 0;

        public override Task<bool> RetryForExceptionAsync(IExecutionContext executionContext, Exception exception) =>
            Task.FromResult(false);

        public override Task WaitBeforeRetryAsync(IExecutionContext executionContext) => Task.CompletedTask;
    }

    private sealed class SharedClient(HttpClient client) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => client;

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
    }

    private sealed class StsClient(AWSCredentials credentials, AmazonSecurityTokenServiceConfig config)
        : AmazonSecurityTokenServiceClient(credentials, config)
    {
        protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
        {
            base.CustomizeRuntimePipeline(pipeline);
            Customize(pipeline, Config);
        }
    }
}
