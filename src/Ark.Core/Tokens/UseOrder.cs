using Microsoft.Extensions.Internal;

namespace Ark.Core.Tokens;

/// <summary>
/// What MemoryCache takes for the time: one tick a look. It orders entries by their last use and nothing else, which no clock
/// jump can reverse.
/// </summary>
internal sealed class UseOrder : ISystemClock
{
    private long _looks;

    public DateTimeOffset UtcNow => new(Interlocked.Increment(ref _looks), TimeSpan.Zero);
}
