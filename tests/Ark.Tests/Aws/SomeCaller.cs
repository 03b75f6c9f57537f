using System.Text;
using Ark.Aws;
using Ark.Aws.Identity;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Files;
using Ark.Processes;
using Ark.Testing;
using Ark.Testing.Aws;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Aws;

/// <summary>A user in a home of their own, in front of a stand-in for AWS.</summary>
internal sealed class SomeCaller : IAsyncDisposable
{
    public const string KeyId = "AKIAIOSFODNN7EXAMPLE";
    public const string Secret = "SENTINEL-secret-access-key";
    public const string Region = "eu-west-1";

    private SomeCaller(StandInAws aws, ImpatientClock clock, IReadOnlyDictionary<string, string>? own)
    {
        (Aws, Clock) = (aws, clock);
        var search = new ProgramSearch($"bin{Path.PathSeparator}{Home.Home}/bin{Path.PathSeparator}{Home.Home}/sbin");
        var callers = new CallerContexts(
            name => name == "HOME" ? DaemonHome : null,
            IdentityVariables.Stores,
            path => !Foreign.Contains(path),
            directory => TrustedFile.Judge(directory)?.Message,
            Roots.Contains);
        Access = new AwsAccess(clock, search, callers, Secrets, own is null ? null : new CallerIdentity(own));
        Sources = new EcrTokenSources(Access);
        DaemonHome = Home.Home;
        Variables = new Dictionary<string, string>
        {
            ["HOME"] = Home.Home,
            ["AWS_ENDPOINT_URL"] = Endpoint,
            ["AWS_EC2_METADATA_DISABLED"] = "true",
        };
        Somebody = aws.AddPrincipal(KeyId, Secret);
    }

    public StandInAws Aws { get; }

    public ImpatientClock Clock { get; }

    public Principal Somebody { get; }

    public TemporaryHome Home { get; } = new();

    /// <summary>What the daemon has in <c>HOME</c>: the caller's home to begin with.</summary>
    public string? DaemonHome { get; set; }

    /// <summary>Directories that belong to somebody else.</summary>
    public HashSet<string> Foreign { get; } = [];

    /// <summary>Those of them that are root's, and open.</summary>
    public HashSet<string> Roots { get; } = [];

    public AwsAccess Access { get; }

    public EcrTokenSources Sources { get; }

    /// <summary>Keys that are kept outside of profiles.</summary>
    public FakeSecrets Secrets { get; } = new();

    /// <summary>The caller's variables: a home, the stand-in's address and no instance to begin with.</summary>
    public Dictionary<string, string> Variables { get; }

    public string Endpoint => Aws.Endpoint.ToString().TrimEnd('/');

    /// <param name="own">The variables with which the daemon was started.</param>
    /// <param name="clock">The clock of everything.</param>
    public static async Task<SomeCaller> StartAsync(IReadOnlyDictionary<string, string>? own = null, ImpatientClock? clock = null)
    {
        clock ??= new ImpatientClock();
        return new SomeCaller(await StandInAws.StartAsync(clock), clock, own);
    }

    public static EcrSource Source(
        EcrService service = EcrService.Ecr, string? endpoint = null, string? profile = null, string? region = null) => new()
        {
            Service = service,
            Partition = "aws",
            Region = region ?? (service == EcrService.Ecr ? Region : "us-east-1"),
            AccountId = service == EcrService.Ecr ? "123456789012" : null,
            DefaultEndpoint = "https://api.ecr.invalid",
            Endpoint = endpoint,
            Profile = profile,
        };

    public SomeCaller WithKeys(string id = KeyId, string secret = Secret, string? session = null)
    {
        Variables["AWS_ACCESS_KEY_ID"] = id;
        Variables["AWS_SECRET_ACCESS_KEY"] = secret;
        if (session is not null)
        {
            Variables["AWS_SESSION_TOKEN"] = session;
        }

        return this;
    }

    public CallerIdentity Identity => new(new Dictionary<string, string>(Variables));

    public SourceOutcome For(EcrSource? source = null) => Sources.For(source ?? Source(), Identity);

    public ITokenSource Found(EcrSource? source = null) => Assert.IsType<SourceOutcome.Found>(For(source)).Source;

    /// <summary>Who asks, and by which addresses.</summary>
    public AwsIdentity Identified(EcrSource? source = null)
    {
        Assert.True(Access.Identities.Find(source ?? Source(), Identity).Succeeded(out AwsIdentity? identity, out Problem? problem), problem?.ToString());
        return identity;
    }

    /// <summary>The problem that stands in the way before anybody is asked.</summary>
    public Problem Refused(EcrSource? source = null) => WithoutSecrets(Assert.IsType<SourceOutcome.Failed>(For(source)).Problem);

    /// <summary>A password that the stand-in issued.</summary>
    public Task<IssuedToken> FetchAsync(EcrSource? source = null) => FetchAsync(Found(source));

    /// <summary>The same with what was found before.</summary>
    public async Task<IssuedToken> FetchAsync(ITokenSource source)
    {
        FetchOutcome outcome = await source.FetchAsync(TestContext.Current.CancellationToken);
        Assert.True(outcome is FetchOutcome.Fetched, (outcome as FetchOutcome.Failed)?.Problem.ToString());
        using AuthorizationToken token = ((FetchOutcome.Fetched)outcome).Token;
        Assert.Equal("AWS", token.Username);
        IssuedToken? issued = Aws.FindToken(Encoding.UTF8.GetString(token.Secret));
        Assert.NotNull(issued);
        return issued;
    }

    public async Task<Problem> FailAsync(EcrSource? source = null)
    {
        FetchOutcome outcome = await Found(source).FetchAsync(TestContext.Current.CancellationToken);
        return WithoutSecrets(Assert.IsType<FetchOutcome.Failed>(outcome).Problem);
    }

    public async ValueTask DisposeAsync()
    {
        await Aws.DisposeAsync();
        Home.Dispose();
    }

    /// <summary>Every problem of every test passes here.</summary>
    public static Problem WithoutSecrets(Problem problem)
    {
        Assert.DoesNotContain("SENTINEL", problem.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(problem.Message + problem.Hint, char.IsControl);
        Assert.False(problem.Message.EndsWith('.'), problem.Message);
        Assert.NotEmpty(problem.Hint);
        return problem;
    }
}
