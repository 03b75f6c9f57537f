using System.Text;
using Ark.Core.Problems;
using Ark.Core.Tokens;
using Ark.Testing;

namespace Ark.Tests.Tokens;

/// <summary>An issuer of tokens that does as it is told and counts.</summary>
internal sealed class FakeSource(ManualClock clock, string principal = "profile tbd") : ITokenSource
{
    private readonly Lock _lock = new();
    private int _calls;
    private int _inFlight;

    public TokenKey Key { get; init; } = Some.Key(principal);

    public string Identity => principal;

    public bool OutlivesRequest { get; init; } = true;

    public bool IsCurrent { get => CurrentFault is null ? field : throw CurrentFault; set; } = true;

    /// <summary>What <see cref="IsCurrent"/> throws, while set.</summary>
    public Exception? CurrentFault { get; set; }

    /// <summary>What is kept instead of it, while set.</summary>
    public ITokenSource? Kept { get; set; }

    /// <summary>How long the tokens live that it issues, by the wall clock.</summary>
    public TimeSpan Life { get; set; } = The.Life;

    /// <summary>What it answers instead of a token, while set.</summary>
    public Problem? Problem { get; set; }

    /// <summary>What it throws instead of answering, while set.</summary>
    public Exception? Exception { get; set; }

    /// <summary>What each call waits for, while set.</summary>
    public TaskCompletionSource? Gate { get; set; }

    public bool IgnoresCancellation { get; set; }

    /// <summary>Whether the wait is for the way back of the answer rather than for its making.</summary>
    public bool IssuesBeforeItWaits { get; set; }

    public int Calls => Volatile.Read(ref _calls);

    public int MostInFlight { get; private set; }

    /// <summary>Every token it issued: the very objects that the cache stores and wipes.</summary>
    public List<AuthorizationToken> Issued { get; } = [];

    public ITokenSource ForKeeping() => Kept ?? this;

    public async Task<FetchOutcome> FetchAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _calls++;
            MostInFlight = Math.Max(MostInFlight, ++_inFlight);
        }

        try
        {
            FetchOutcome? early = IssuesBeforeItWaits ? Answer() : null;
            if (Gate is { } gate)
            {
                await gate.Task.WaitAsync(IgnoresCancellation ? CancellationToken.None : cancellationToken);
            }

            return early ?? Answer();
        }
        finally
        {
            lock (_lock)
            {
                _inFlight--;
            }
        }
    }

    private FetchOutcome Answer()
    {
        if (Exception is { } exception)
        {
            throw exception;
        }

        if (Problem is { } problem)
        {
            return new FetchOutcome.Failed(problem);
        }

        lock (_lock)
        {
            string secret = $"{The.Secret}{principal}-{_calls}";
            var token = new AuthorizationToken("AWS", Encoding.UTF8.GetBytes(secret), clock.GetUtcNow() + Life);
            Issued.Add(token);
            return new FetchOutcome.Fetched(token);
        }
    }
}
