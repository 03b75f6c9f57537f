namespace Ark.Testing;

/// <summary>Waits for what another process does in its own time: looks again and again, a bounded number of times.</summary>
public static class Eventually
{
    private const int Looks = 600;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Returns when the condition holds.</summary>
    /// <exception cref="TimeoutException">It did not, after half a minute of looking.</exception>
    public static async Task HoldsAsync(string what, Func<Task<bool>> condition)
    {
        for (var look = 0; look < Looks; look++)
        {
            if (await condition())
            {
                return;
            }

            await Task.Delay(Pause);
        }

        throw new TimeoutException($"waited in vain: {what}");
    }

    /// <inheritdoc cref="HoldsAsync(string, Func{Task{bool}})"/>
    public static Task HoldsAsync(string what, Func<bool> condition) => HoldsAsync(what, () => Task.FromResult(condition()));
}
