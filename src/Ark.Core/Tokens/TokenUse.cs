namespace Ark.Core.Tokens;

/// <summary>One request: who serves it, by which rules, and for which host.</summary>
internal sealed record TokenUse(ITokenSource Source, RefreshPolicy Policy, string Host, string? Organization);

/// <summary>A fetch that has been registered in its slot, and that whoever receives this must now run.</summary>
internal readonly record struct Departure(Flight Flight, ITokenSource Source, RefreshPolicy Policy);

/// <summary>What a slot says to a request.</summary>
internal abstract record Step
{
    private Step()
    {
    }

    /// <summary>The slot was evicted between being found and being asked: look again.</summary>
    public sealed record Gone : Step
    {
        public static Gone Instance { get; } = new();
    }

    /// <summary>The answer, and perhaps a fetch to be run behind it.</summary>
    public sealed record Answered(TokenAnswer Answer, Departure? Behind) : Step;

    /// <summary>A place in the queue for a fetch. Who takes it must give it back, by <see cref="TokenSlot.Collect"/> or <see cref="TokenSlot.Leave"/>.</summary>
    public sealed record Waiting(Flight Flight, Departure? Start) : Step;
}
