using Ark.Core.Problems;

namespace Ark.Core.Tokens;

/// <summary>What a request for a token comes to: a token that is good now, or a problem. Nothing else.</summary>
public abstract record TokenAnswer
{
    private TokenAnswer()
    {
    }

    /// <summary>A token with at least the policy's floor of life left when it was copied out.</summary>
    /// <param name="Username">The user name that goes with the secret.</param>
    /// <param name="Secret">The password, UTF-8: the receiver's own copy, which the receiver wipes.</param>
    /// <param name="ExpiresAt">When it ends.</param>
    /// <param name="Warning">One line for stderr when it has less left than it should, or null. Never a secret.</param>
    public sealed record Token(string Username, byte[] Secret, DateTimeOffset ExpiresAt, string? Warning) : TokenAnswer
    {
        /// <summary>Never the secret.</summary>
        public override string ToString() => $"{Username} token until {ExpiresAt:O}";
    }

    /// <summary>No token may be handed out.</summary>
    public sealed record Failed(Problem Problem) : TokenAnswer;
}
