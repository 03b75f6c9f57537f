using System.Text;
using Ark.Core.Problems;
using Ark.Core.Tokens;
using Ark.Testing;
using Xunit;

namespace Ark.Tests.Tokens;

internal static class The
{
    public const string Host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
    public const string Secret = "SENTINEL-";
    public static readonly TimeSpan Life = TimeSpan.FromHours(12);
    public static readonly TimeSpan HalfLife = TimeSpan.FromHours(6);
    public static readonly RefreshPolicy Policy = RefreshPolicy.Default;
}

internal static class Some
{
    public static TokenKey Key(string principal) => new("aws", "eu-west-1", "ecr", "", principal);

    public static Problem Problem(ProblemKind kind) => new(kind, $"it went wrong with {kind}", "mend it");

    public static TimeSpan Hours(double hours) => TimeSpan.FromHours(hours);

    public static TimeSpan Minutes(double minutes) => TimeSpan.FromMinutes(minutes);

    public static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}

/// <summary>A cache on a clock moved by hand, with one source at hand, and jitter that sits in the middle until told otherwise.</summary>
internal sealed class TokenFixture : IDisposable
{
    public TokenFixture(int capacity = TokenCache.DefaultCapacity, TimeProvider? time = null)
    {
        Source = new FakeSource(Clock);
        Cache = new TokenCache(time ?? Clock, () => Jitter, capacity, Faults.Add);
    }

    public ManualClock Clock { get; } = new();

    public double Jitter { get; set; } = 0.5;

    public FakeSource Source { get; set; }

    public RefreshPolicy Policy { get; set; } = The.Policy;

    public TokenCache Cache { get; }

    /// <summary>What the cache told of exceptions that should not have been.</summary>
    public List<Exception> Faults { get; } = [];

    public TokenStatus Status => Cache.Snapshot().Single(status => status.Key == Source.Key);

    public Task<TokenAnswer> Get(CancellationToken cancellationToken = default) =>
        Cache.GetAsync(Source, Policy, The.Host, "tbd", cancellationToken);

    public Task<TokenAnswer> Get(FakeSource source) => Cache.GetAsync(source, Policy, The.Host, "tbd", CancellationToken.None);

    public async Task<TokenAnswer.Token> GetToken() => Assert.IsType<TokenAnswer.Token>(await Get());

    public async Task<string> GetSecret() => Encoding.UTF8.GetString((await GetToken()).Secret);

    /// <summary>As <see cref="Get(CancellationToken)"/>, while time goes by for as long as it waits for another try.</summary>
    public Task<TokenAnswer> GetPatiently() => Get().WhileTimeGoesByAsync(Cache, Clock);

    public async Task<Problem> GetProblem() => Assert.IsType<TokenAnswer.Failed>(await GetPatiently()).Problem;

    public Task<Problem?> Refresh() => Cache.RefreshAsync(Source, Policy, The.Host, "tbd", CancellationToken.None);

    public void Erase() => Cache.Erase(Source.Key);

    public Task Completed() => Cache.CompletedAsync();

    public void Dispose() => Cache.Dispose();
}

internal static class Waiting
{
    /// <summary>Lets time go by while a request waits for the next try. A fetch takes no time unless a test says so.</summary>
    public static async Task<T> WhileTimeGoesByAsync<T>(this Task<T> answer, TokenCache cache, ManualClock clock)
    {
        await new[] { answer }.WhileTimeGoesByAsync(cache, clock, clock.Advance);
        return await answer;
    }

    /// <summary>The same for several.</summary>
    public static async Task WhileTimeGoesByAsync(
        this IReadOnlyCollection<Task> answers, TokenCache cache, ManualClock clock, Action<TimeSpan> advance)
    {
        while (answers.Any(answer => !answer.IsCompleted))
        {
            await answers.AllPauseAsync(cache, clock);
            if (clock.NextTimer is { } next)
            {
                advance(next);
            }
        }
    }

    /// <summary>Ends when each of them is there or waits for the next try, with no timer set but those.</summary>
    public static async Task AllPauseAsync(this IReadOnlyCollection<Task> answers, TokenCache cache, ManualClock clock)
    {
        while (true)
        {
            await cache.CompletedAsync();
            int open = answers.Count(answer => !answer.IsCompleted);
            if (cache.CompletedAsync().IsCompleted && cache.Pausing == open && clock.ActiveTimers == open)
            {
                return;
            }

            await Task.Yield();
        }
    }
}
