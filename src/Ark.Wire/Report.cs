namespace Ark.Wire;

/// <summary>What to do about an error that is nobody's but ours.</summary>
public static class Report
{
    /// <summary>A hint, or the end of one.</summary>
    public const string Hint = "report it to the project that you installed ark from, with the output of: ark --version";
}
