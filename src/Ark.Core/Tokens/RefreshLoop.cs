namespace Ark.Core.Tokens;

/// <summary>
/// Renews tokens before anybody has to wait for them: one wake-up for all keys, once a minute or when the next key is due.
/// It never ends by itself. Correctness does not hang on it: a request that comes before a late wake-up decides for itself.
/// </summary>
/// <param name="cache">Whose keys are renewed, and who counts the faults of a round; the next round comes all the same.</param>
/// <param name="time">The clock.</param>
/// <param name="atEachRound">What else has to be looked at once a minute, so that one wake-up does for both.</param>
public sealed class RefreshLoop(TokenCache cache, TimeProvider time, Action? atEachRound = null)
{
    private static readonly TimeSpan ShortestSleep = TimeSpan.FromSeconds(1);

    // Also how often AgeClock looks at both clocks while no request comes; and after a resume, how late a due key can be noticed.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);

    // After a night's sleep everything is due at the same moment.
    private const int FetchesAtOnce = 4;

    /// <summary>Runs until cancelled, then returns; never throws.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            TimeSpan sleep = await RoundAsync(cancellationToken);
            await Task.Delay(sleep, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<TimeSpan> RoundAsync(CancellationToken cancellationToken)
    {
        try
        {
            atEachRound?.Invoke();
            TimeSpan? due = await cache.RefreshDueAsync(FetchesAtOnce, cancellationToken);
            return due is { } soon && soon < LongestSleep ? (soon > ShortestSleep ? soon : ShortestSleep) : LongestSleep;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return LongestSleep;
        }
#pragma warning disable CA1031 // One of the few places that catch everything: a fault in one round must not end all refreshing.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            cache.Report(fault);
            return LongestSleep;
        }
    }
}
