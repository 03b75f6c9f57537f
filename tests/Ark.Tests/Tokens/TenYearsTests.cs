using System.Diagnostics;
using System.Globalization;
using Ark.Core.Problems;
using Ark.Core.Tokens;
using Xunit;

namespace Ark.Tests.Tokens;

/// <summary>
/// Ten years in the life of one key, with AWS failing, the wall clock jumping and the machine sleeping, each answer judged by the
/// issuer's own clock. Time goes from event to event; nothing waits.
/// </summary>
public sealed class TenYearsTests(ITestOutputHelper output)
{
    private const int Days = 3652;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_laptop_used_in_office_hours_never_hands_out_a_token_past_its_bounds_and_asks_at_most_three_times_a_day(int seed)
    {
        using var life = new Life(seed);
        for (int day = 0; day < Days; day++)
        {
            bool works = day % 7 < 5;
            await life.Sleep(Some.Hours(9) + life.Some(Some.Minutes(30)));
            if (works)
            {
                await life.Work(Some.Hours(3), meanPause: Some.Minutes(20));
                await life.Sleep(life.Some(Some.Hours(1)));
                await life.Work(Some.Hours(5), meanPause: Some.Minutes(20));
            }

            await life.SleepUntilMidnight(day + 1);
        }

        Report("laptop", life);
        Assert.InRange(life.IssuedPerDay, 0.5, 3);
        Assert.InRange(life.MostIssuedInADay, 1, 24);
    }

    [Theory]
    [InlineData(3)]
    public async Task A_server_in_use_day_and_night_never_hands_out_a_token_past_its_bounds_and_asks_once_in_half_a_life(int seed)
    {
        using var life = new Life(seed);
        for (int day = 0; day < Days; day++)
        {
            await life.Work(TimeSpan.FromDays(1), meanPause: Some.Minutes(20));
        }

        Report("server", life);
        // Half a life, give or take a tenth: at most 24 / 5.4 a day; and a handful for the clock jumps.
        Assert.InRange((life.Issued - life.Jumps) / life.Days, 3.5, 24 / (12 * 0.45));
    }

    [Fact]
    public async Task A_server_on_which_nothing_goes_wrong_asks_four_times_a_day()
    {
        using var life = new Life(seed: 4) { NothingGoesWrong = true };
        for (int day = 0; day < Days; day++)
        {
            await life.Work(TimeSpan.FromDays(1), meanPause: Some.Minutes(20));
        }

        Report("quiet server", life);
        Assert.Equal(0, life.Failures + life.Refused);
        Assert.Equal(4.0, life.IssuedPerDay, 0.02);
    }

    private void Report(string who, Life life) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{who}: {life.Days:0} days, {life.Requests} requests, {life.Failures} answered with a problem, {life.Warned} with a warning, "
        + $"0 past bounds; {life.Issued} tokens ({life.IssuedPerDay:0.00} a day, at most {life.MostIssuedInADay} in one), "
        + $"{life.Refused} calls refused or in vain, "
        + $"{life.Outages} outages, {life.Jumps} clock jumps, {life.Elapsed.TotalSeconds:0.0} s"));

    private sealed class Life : IDisposable
    {
        private static readonly TimeSpan[] Errors =
        [
            Tokens.Some.Seconds(90), Tokens.Some.Minutes(4), Tokens.Some.Minutes(20), Tokens.Some.Hours(1), Tokens.Some.Hours(7),
            Tokens.Some.Hours(13), TimeSpan.FromDays(30), TimeSpan.FromDays(18_000),
        ];

        private static readonly ProblemKind[] Troubles =
        [
            ProblemKind.ServiceFailure, ProblemKind.Throttled, ProblemKind.Unreachable, ProblemKind.LoginRequired,
            ProblemKind.AccessDenied,
        ];

        // The longest pause after a failure, and the longest the loop sleeps.
        private static readonly TimeSpan Aftermath = Tokens.Some.Minutes(6);

        private readonly Stopwatch _watch = Stopwatch.StartNew();
        private readonly Simulation _simulation = new();
        private readonly Issuer _issuer;
        private readonly TokenCache _cache;
        private readonly Random _random;
        private readonly DateTimeOffset _start;
        private DateTimeOffset _excusedUntil;
        private DateTimeOffset _outageEnds;
        private DateTimeOffset _clockIsRightAt;
        private DateTimeOffset _dayEnds;
        private int _issuedBeforeToday;

        public Life(int seed)
        {
            _random = new Random(seed);
            _issuer = new Issuer(_simulation);
            _cache = new TokenCache(_simulation.Clock, _random.NextDouble);
            _start = _simulation.Truth;
            _dayEnds = _start;
        }

        public bool NothingGoesWrong { get; init; }

        public int Requests { get; private set; }

        public int Failures { get; private set; }

        public int Warned { get; private set; }

        public int Outages { get; private set; }

        public int Jumps { get; private set; }

        public int MostIssuedInADay { get; private set; }

        public double Days => (_simulation.Truth - _start).TotalDays;

        public int Issued => _issuer.Issued;

        public double IssuedPerDay => Issued / Days;

        public int Refused => _issuer.Refused;

        public TimeSpan Elapsed => _watch.Elapsed;

        private bool SomethingIsWrong => _issuer.Refuses is not null || _simulation.ClockError > Tokens.Some.Hours(11);

        public TimeSpan Some(TimeSpan atMost) => atMost * _random.NextDouble();

        public void Dispose() => _cache.Dispose();

        public Task SleepUntilMidnight(int day) => Sleep(_start + TimeSpan.FromDays(day) - _simulation.Truth);

        public async Task Sleep(TimeSpan span)
        {
            _simulation.Suspend(span);
            // The timer that was set before the sleep goes off some time in the next minute, or the first request is there before it.
            if (_random.Next(2) == 0)
            {
                await Ask();
            }

            _simulation.Advance(Some(Tokens.Some.Minutes(1)));
            Happen();
            await LetPass(Tokens.Some.Minutes(2));
        }

        public async Task Work(TimeSpan span, TimeSpan meanPause)
        {
            DateTimeOffset end = _simulation.Truth + span;
            while (_simulation.Truth < end)
            {
                await LetPass(meanPause * -Math.Log(1 - _random.NextDouble()));
                Happen();
                int burst = _random.Next(50) == 0 ? 23 : 1;
                for (int i = 0; i < burst; i++)
                {
                    await Ask();
                }
            }
        }

        private async Task Ask()
        {
            Requests++;
            Task<TokenAnswer> asked = _cache.GetAsync(_issuer, The.Policy, The.Host, null, CancellationToken.None);
            await new[] { asked }.WhileTimeGoesByAsync(_cache, _simulation.Clock, _simulation.Advance);
            TokenAnswer answer = await asked;
            string at = $"{_simulation.Truth:u}, clock error {_simulation.ClockError}";
            bool served = _issuer.Judge(answer, The.Policy, at);
            Assert.True(served || SomethingIsWrong || _simulation.Truth < _excusedUntil, $"{at}: a failure without a cause: {answer}");
            Failures += served ? 0 : 1;
            Warned += answer is TokenAnswer.Token { Warning: not null } ? 1 : 0;
            await _cache.CompletedAsync();
        }

        /// <summary>Does what the loop does, whose sleeps are as long as it asks for, and not cut into minutes.</summary>
        private async Task LetPass(TimeSpan span)
        {
            DateTimeOffset end = _simulation.Truth + span;
            while (_simulation.Truth < end)
            {
                TimeSpan due = await _cache.RefreshDueAsync(4, CancellationToken.None) ?? span;
                TimeSpan rest = end - _simulation.Truth;
                TimeSpan sleep = due < Tokens.Some.Seconds(1) ? Tokens.Some.Seconds(1) : due;
                _simulation.Advance(sleep < rest ? sleep : rest);
                Happen();
            }
        }

        /// <summary>What happens to the machine and to AWS, about an outage a week and a clock jump a month.</summary>
        private void Happen()
        {
            DateTimeOffset now = _simulation.Truth;
            CountDay(now);
            if (NothingGoesWrong)
            {
                return;
            }

            if (_issuer.Refuses is not null && now >= _outageEnds)
            {
                _issuer.Refuses = null;
            }
            else if (_issuer.Refuses is null && _random.Next(500) == 0)
            {
                Outages++;
                _issuer.Refuses = Troubles[_random.Next(Troubles.Length)];
                _outageEnds = now + (_random.Next(5) == 0 ? Some(TimeSpan.FromDays(2)) : Some(Tokens.Some.Hours(2)));
            }

            if (_simulation.ClockError != TimeSpan.Zero && now >= _clockIsRightAt)
            {
                _simulation.ClockError = TimeSpan.Zero;
                Jumps++;
            }
            else if (_random.Next(2000) == 0)
            {
                _simulation.ClockError = Errors[_random.Next(Errors.Length)] * (_random.Next(2) == 0 ? 1 : -1);
                _clockIsRightAt = now + Some(TimeSpan.FromDays(2));
                Jumps++;
            }

            if (SomethingIsWrong)
            {
                _excusedUntil = now + Aftermath;
            }
        }

        private void CountDay(DateTimeOffset now)
        {
            if (now >= _dayEnds)
            {
                MostIssuedInADay = Math.Max(MostIssuedInADay, Issued - _issuedBeforeToday);
                (_issuedBeforeToday, _dayEnds) = (Issued, now + TimeSpan.FromDays(1));
            }
        }
    }
}
