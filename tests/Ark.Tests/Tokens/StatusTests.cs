using Ark.Core.Problems;
using Ark.Core.Tokens;
using Xunit;

namespace Ark.Tests.Tokens;

public sealed class StatusTests : IDisposable
{
    private readonly TokenFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task A_fresh_entry_tells_everything()
    {
        DateTimeOffset now = _fixture.Clock.Now;
        await _fixture.Get();
        await _fixture.Get();
        await _fixture.Get();

        Assert.Equal(
            new TokenStatus
            {
                Host = The.Host,
                Organization = "tbd",
                Key = _fixture.Source.Key,
                Username = "AWS",
                Identity = "profile tbd",
                Account = null,
                State = TokenState.Fresh,
                ExpiresAt = now + The.Life,
                RefreshAt = now + The.HalfLife,
                LastFetchReason = FetchReason.FirstUse,
                LastError = null,
                Fetches = 1,
                Hits = 2,
            },
            _fixture.Status);
        Assert.Equal("ecr eu-west-1", _fixture.Status.Source);
    }

    [Fact]
    public void A_source_with_its_own_endpoint_names_it()
    {
        _fixture.Source = new FakeSource(_fixture.Clock) { Key = Some.Key("p") with { Endpoint = "https://ecr.example.com" } };
        _fixture.Get();

        Assert.Equal("ecr eu-west-1 at https://ecr.example.com", _fixture.Status.Source);
    }

    [Fact]
    public async Task The_states_follow_the_token()
    {
        _fixture.Source.Gate = new TaskCompletionSource();
        Task first = _fixture.Get();
        Assert.Equal(TokenState.Refreshing, _fixture.Status.State);
        Assert.Null(_fixture.Status.ExpiresAt);
        _fixture.Source.Gate.SetResult();
        await first;
        Assert.Equal(TokenState.Fresh, _fixture.Status.State);
        _fixture.Clock.Advance(The.HalfLife);
        Assert.Equal(TokenState.Refreshing, _fixture.Status.State);
        _fixture.Clock.Advance(The.HalfLife - Some.Minutes(4));
        Assert.Equal(TokenState.Expired, _fixture.Status.State);
        _fixture.Source.Problem = Some.Problem(ProblemKind.AccessDenied);
        await _fixture.Get();
        Assert.Equal(TokenState.Failing, _fixture.Status.State);
        Assert.Equal(_fixture.Source.Problem, _fixture.Status.LastError);
        Assert.Equal(_fixture.Clock.Now + Some.Seconds(1.5), _fixture.Status.RefreshAt);
    }

    [Fact]
    public async Task One_key_that_serves_many_hosts_has_an_entry_for_each_and_counts_their_hits_apart()
    {
        foreach (string host in (string[])["b.example.com", "a.example.com", "b.example.com"])
        {
            await _fixture.Cache.GetAsync(_fixture.Source, The.Policy, host, null, CancellationToken.None);
        }

        Assert.Equal(
            [("a.example.com", 1L), ("b.example.com", 1L)],
            _fixture.Cache.Snapshot().Select(status => (status.Host, status.Hits)));
        Assert.Equal(1, _fixture.Source.Calls);
    }

    [Fact]
    public async Task The_hosts_of_a_key_are_bounded_and_the_newest_are_kept()
    {
        for (int i = 0; i < 100; i++)
        {
            await _fixture.Cache.GetAsync(_fixture.Source, The.Policy, $"h{i:000}.example.com", null, CancellationToken.None);
        }

        IReadOnlyList<TokenStatus> all = _fixture.Cache.Snapshot();
        Assert.Equal(CacheEntry.MaxHosts, all.Count);
        Assert.Equal("h099.example.com", all[^1].Host);
    }

    [Fact]
    public async Task An_answer_that_is_no_token_is_no_hit()
    {
        _fixture.Source.Problem = Some.Problem(ProblemKind.LoginRequired);
        await _fixture.Get();
        await _fixture.Get();

        Assert.Equal((0L, 1L), (_fixture.Status.Hits, _fixture.Status.Fetches));
    }
}
