using System.Globalization;
using System.Text;
using Ark.Core.Problems;
using Ark.Core.Tokens;
using Ark.Testing;
using Xunit;

namespace Ark.Tests.Tokens;

/// <summary>
/// A machine with its two clocks, and beside it the time that really passes, which the code under test never sees. The issuer lives
/// by the latter, and by it alone an answer is judged.
/// </summary>
internal sealed class Simulation
{
    private TimeSpan _error;

    public Simulation() => Truth = Clock.Now;

    public ManualClock Clock { get; } = new();

    /// <summary>What the clocks of the issuer say.</summary>
    public DateTimeOffset Truth { get; private set; }

    /// <summary>How far the machine's wall clock is ahead; setting it makes the clock jump.</summary>
    public TimeSpan ClockError
    {
        get => _error;
        set
        {
            Clock.JumpWall(value - _error);
            _error = value;
        }
    }

    public void Advance(TimeSpan by)
    {
        Truth += by;
        Clock.Advance(by);
    }

    public void Suspend(TimeSpan by)
    {
        Truth += by;
        Clock.Suspend(by);
    }
}

/// <summary>Issues tokens that die by the simulation's truth, remembers when, and judges every answer by it.</summary>
internal sealed class Issuer(Simulation simulation) : ITokenSource
{
    private readonly List<DateTimeOffset> _deaths = [];
    private int _inFlight;

    public TokenKey Key { get; } = Some.Key("profile tbd");

    public string Identity => "profile tbd";

    public bool OutlivesRequest => true;

    public TimeSpan Life { get; set; } = The.Life;

    /// <summary>Why it refuses, while it does.</summary>
    public ProblemKind? Refuses { get; set; }

    /// <summary>What a call waits for after the token was issued and before it is answered, while set.</summary>
    public TaskCompletionSource? Gate { get; set; }

    public int Issued => _deaths.Count;

    /// <summary>Whether a call waits at the gate: its token is made.</summary>
    public bool IsAsked { get; private set; }

    public int Refused { get; private set; }

    public int MostInFlight { get; private set; }

    public async Task<FetchOutcome> FetchAsync(CancellationToken cancellationToken)
    {
        MostInFlight = Math.Max(MostInFlight, Interlocked.Increment(ref _inFlight));
        try
        {
            FetchOutcome outcome = Issue();
            if (Gate is { } gate)
            {
                IsAsked = true;
                await gate.Task.WaitAsync(cancellationToken);
            }

            return outcome;
        }
        finally
        {
            IsAsked = false;
            Interlocked.Decrement(ref _inFlight);
        }
    }

    /// <summary>Fails unless the token lives as long as a token handed out must, and returns whether there was one.</summary>
    public bool Judge(TokenAnswer answer, RefreshPolicy policy, string at)
    {
        if (answer is not TokenAnswer.Token token)
        {
            return false;
        }

        string text = Encoding.UTF8.GetString(token.Secret);
        Assert.True(text.StartsWith(The.Secret, StringComparison.Ordinal), $"{at}: a wiped secret was handed out");
        TimeSpan left = _deaths[int.Parse(text[The.Secret.Length..], CultureInfo.InvariantCulture)] - simulation.Truth;
        TimeSpan least = token.Warning is null ? policy.MinRemaining : policy.Floor;
        Assert.True(left >= least, $"{at}: a token with {left} left was handed out, at least {least} was promised ({token.Warning})");
        return true;
    }

    private FetchOutcome Issue()
    {
        if (Refuses is { } kind)
        {
            Refused++;
            return new FetchOutcome.Failed(Some.Problem(kind));
        }

        // A short life cannot be told from a clock that is behind; ECR's own twelve hours are what protects against that, so only
        // those are issued to a machine whose clock is behind.
        TimeSpan life = simulation.ClockError < TimeSpan.Zero ? The.Life : Life;
        if (simulation.ClockError > life - The.Policy.Floor)
        {
            // To the machine this token is dead on arrival.
            Refused++;
            return new FetchOutcome.Fetched(new AuthorizationToken("AWS", "dead"u8, simulation.Truth + life));
        }

        byte[] secret = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{The.Secret}{_deaths.Count}"));
        _deaths.Add(simulation.Truth + life);
        return new FetchOutcome.Fetched(new AuthorizationToken("AWS", secret, simulation.Truth + life));
    }
}
