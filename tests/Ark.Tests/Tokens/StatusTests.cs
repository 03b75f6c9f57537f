using Ark.Core.Problems;
using Ark.Core.Tokens;
using Xunit;

namespace Ark.Tests.Tokens;

public sealed class StatusTests : IDisposable
{
    private readonly TokenFixture _desk = new();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public async Task A_fresh_entry_tells_everything()
    {
        DateTimeOffset now = _desk.Clock.Now;
        await _desk.Get();
        await _desk.Get();
        await _desk.Get();

        Assert.Equal(
            new TokenStatus
            {
                Host = The.Host,
                Organization = "tbd",
                Key = _desk.Source.Key,
                Username = "AWS",
                Identity = "profile tbd",
                State = TokenState.Fresh,
                ExpiresAt = now + The.Life,
                RefreshAt = now + The.HalfLife,
                LastFetchReason = FetchReason.FirstUse,
                LastError = null,
                Fetches = 1,
                Hits = 2,
            },
            _desk.Status);
        Assert.Equal("ecr eu-west-1", _desk.Status.Source);
    }

    [Fact]
    public void A_source_with_its_own_endpoint_names_it()
    {
        _desk.Source = new FakeSource(_desk.Clock) { Key = Some.Key("p") with { Endpoint = "https://ecr.example.com" } };
        _desk.Get();

        Assert.Equal("ecr eu-west-1 at https://ecr.example.com", _desk.Status.Source);
    }

    [Fact]
    public async Task The_states_follow_the_token()
    {
        _desk.Source.Gate = new TaskCompletionSource();
        Task first = _desk.Get();
        Assert.Equal(TokenState.Refreshing, _desk.Status.State);
        Assert.Null(_desk.Status.ExpiresAt);
        _desk.Source.Gate.SetResult();
        await first;
        Assert.Equal(TokenState.Fresh, _desk.Status.State);
        _desk.Clock.Advance(The.HalfLife);
        Assert.Equal(TokenState.Refreshing, _desk.Status.State);
        _desk.Clock.Advance(The.HalfLife - Some.Minutes(4));
        Assert.Equal(TokenState.Expired, _desk.Status.State);
        _desk.Source.Problem = Some.Problem(ProblemKind.AccessDenied);
        await _desk.Get();
        Assert.Equal(TokenState.Failing, _desk.Status.State);
        Assert.Equal(_desk.Source.Problem, _desk.Status.LastError);
        Assert.Equal(_desk.Clock.Now + Some.Seconds(1.5), _desk.Status.RefreshAt);
    }

    [Fact]
    public async Task One_key_that_serves_many_hosts_has_an_entry_for_each_and_counts_their_hits_apart()
    {
        foreach (string host in (string[])["b.example.com", "a.example.com", "b.example.com"])
        {
            await _desk.Cache.GetAsync(_desk.Source, The.Policy, host, null, CancellationToken.None);
        }

        Assert.Equal(
            [("a.example.com", 1L), ("b.example.com", 1L)],
            _desk.Cache.Snapshot().Select(status => (status.Host, status.Hits)));
        Assert.Equal(1, _desk.Source.Calls);
    }

    [Fact]
    public async Task The_hosts_of_a_key_are_bounded_and_the_newest_are_kept()
    {
        for (int i = 0; i < 100; i++)
        {
            await _desk.Cache.GetAsync(_desk.Source, The.Policy, $"h{i:000}.example.com", null, CancellationToken.None);
        }

        IReadOnlyList<TokenStatus> all = _desk.Cache.Snapshot();
        Assert.Equal(ServedHosts.Limit, all.Count);
        Assert.Equal("h099.example.com", all[^1].Host);
    }

    [Fact]
    public async Task An_answer_that_is_no_token_is_no_hit()
    {
        _desk.Source.Problem = Some.Problem(ProblemKind.ServiceFailure);
        await _desk.Get();
        await _desk.Get();

        Assert.Equal((0L, 1L), (_desk.Status.Hits, _desk.Status.Fetches));
    }
}
