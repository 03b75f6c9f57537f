using Ark.Core.Problems;
using Ark.Core.Tokens;
using Xunit;

namespace Ark.Tests.Tokens;

/// <summary>
/// Time, sleeps, clock jumps, callers, erases, failures and slow fetches in any order, against what must always hold: no token past
/// its bounds by the issuer's own clock, no two fetches in flight for a key, and no failure without a cause. A failure names its seed.
/// </summary>
public sealed class InterleavingTests
{
    private const int Steps = 150;

    [Theory]
    [InlineData(1)]
    [InlineData(1_001)]
    [InlineData(2_001)]
    [InlineData(3_001)]
    public async Task Whatever_happens_in_whatever_order_no_token_goes_out_past_its_bounds(int firstSeed)
    {
        int tokens = 0;
        for (int seed = firstSeed; seed < firstSeed + 150; seed++)
        {
            using var run = new Run(seed);
            tokens += await run.Play();
        }

        Assert.InRange(tokens, 3_000, int.MaxValue);
    }

    private sealed class Run : IDisposable
    {
        private static readonly TimeSpan[] Jumps =
            [Some.Seconds(30), Some.Minutes(4), Some.Minutes(6), Some.Hours(1), Some.Hours(11), Some.Hours(13), TimeSpan.FromDays(20_000)];

        private static readonly ProblemKind[] Problems =
            [ProblemKind.Throttled, ProblemKind.ServiceFailure, ProblemKind.LoginRequired, ProblemKind.Unreachable];

        private readonly Simulation _simulation = new();
        private readonly Issuer _issuer;
        private readonly TokenCache _cache;
        private readonly Random _random;
        private readonly RefreshPolicy _policy;
        private readonly List<Task<TokenAnswer>> _waiting = [];
        private readonly string _seed;
        private int _step;
        private int _tokens;
        private bool _causeToFail;

        public Run(int seed)
        {
            _seed = $"seed {seed}";
            _random = new Random(seed);
            _issuer = new Issuer(_simulation);
            _cache = new TokenCache(_simulation.Clock, _random.NextDouble);
            _policy = new RefreshPolicy(0.1 + (0.9 * _random.NextDouble()), Some.Minutes(_random.Next(1, 60)));
        }

        private string At => $"{_seed}, step {_step}";

        public async Task<int> Play()
        {
            for (_step = 0; _step < Steps; _step++)
            {
                await Act(_random.Next(14));
                // The loop looks at the clocks once a minute; here, between any two things that happen to them.
                _cache.Snapshot();
                await Settle();
                Assert.True(_issuer.MostInFlight <= 1, $"{At}: {_issuer.MostInFlight} fetches in flight");
            }

            await Open();
            return _tokens;
        }

        public void Dispose() => _cache.Dispose();

        private async Task Act(int act)
        {
            switch (act)
            {
                case 0 or 1 or 2:
                    Ask();
                    break;
                case 3:
                    AskAndGiveUp();
                    break;
                case 4:
                    await Open();
                    _simulation.Advance(Some.Hours(_random.NextDouble() * 4));
                    break;
                case 5:
                    await Open();
                    _simulation.Advance(Some.Seconds(_random.NextDouble() * 20));
                    break;
                case 6:
                    // A token that is on its way meanwhile arrives old or dead.
                    _causeToFail |= _issuer.IsAsked;
                    _simulation.Suspend(Some.Hours(_random.NextDouble() * 14));
                    break;
                case 7:
                    _simulation.ClockError = Jumps[_random.Next(Jumps.Length)] * _random.Next(-1, 2);
                    _causeToFail = true;
                    break;
                case 8:
                    await Open();
                    _issuer.Refuses = Problems[_random.Next(Problems.Length)];
                    _causeToFail = true;
                    break;
                case 9:
                    await Open();
                    await Heal();
                    break;
                case 10:
                    await Open();
                    _issuer.Life = _random.Next(4) > 0 ? The.Life : Some.Minutes(_random.Next(1, 120));
                    _causeToFail |= _issuer.Life != The.Life;
                    break;
                case 11:
                    _issuer.Gate ??= new TaskCompletionSource();
                    break;
                case 12:
                    _cache.Erase(_issuer.Key);
                    break;
                case 13:
                    await Open();
                    await _cache.RefreshDueAsync(4, CancellationToken.None);
                    break;
            }
        }

        private void Ask()
        {
            Task<TokenAnswer> answer = _cache.GetAsync(_issuer, _policy, The.Host, null, CancellationToken.None);
            _waiting.Add(answer);
            LetTheFetchBegin();
        }

        /// <summary>A fetch begins on another thread; the story goes on when it has, so that it is the same story every time.</summary>
        private void LetTheFetchBegin() =>
            Assert.True(SpinWait.SpinUntil(() => _issuer.IsAsked || _cache.CompletedAsync().IsCompleted, Some.Seconds(10)), At);

        private void AskAndGiveUp()
        {
            using var stop = new CancellationTokenSource();
            Task<TokenAnswer> answer = _cache.GetAsync(_issuer, _policy, The.Host, null, stop.Token);
            LetTheFetchBegin();
            stop.Cancel();
            if (answer.IsCompletedSuccessfully)
            {
                _waiting.Add(answer);
            }
        }

        /// <summary>Everything is well again, and the longest pause has gone by: from here on a failure has no cause.</summary>
        private async Task Heal()
        {
            _issuer.Refuses = null;
            _issuer.Life = The.Life;
            _simulation.ClockError = TimeSpan.Zero;
            await _cache.RefreshAsync(_issuer, _policy, The.Host, null, CancellationToken.None);
            _causeToFail = false;
        }

        private async Task Open()
        {
            TaskCompletionSource? gate = _issuer.Gate;
            _issuer.Gate = null;
            gate?.SetResult();
            await Settle();
        }

        /// <summary>Judges every answer that is there; with the gate open that is all of them.</summary>
        private async Task Settle()
        {
            if (_issuer.Gate is null)
            {
                await _cache.CompletedAsync();
                await _waiting.WhileTimeGoesByAsync(_cache, _simulation.Clock, _simulation.Advance);
            }

            foreach (Task<TokenAnswer> answer in _waiting.Where(answer => answer.IsCompleted))
            {
                bool served = _issuer.Judge(await answer, _policy, At);
                Assert.True(served || _causeToFail, $"{At}: a failure without a cause: {await answer}");
                _tokens += served ? 1 : 0;
            }

            _waiting.RemoveAll(answer => answer.IsCompleted);
        }
    }
}
