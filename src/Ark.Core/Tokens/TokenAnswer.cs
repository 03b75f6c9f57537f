using Ark.Core.Problems;

namespace Ark.Core.Tokens;

/// <summary>What a request for a token comes to: a token that is good now, or a problem. Nothing else.</summary>
public abstract record TokenAnswer
{
    private TokenAnswer()
    {
    }

    /// <summary>
    /// A token with at least the policy's floor of life left when it was copied out. The secret is the receiver's own copy, which the
    /// receiver wipes by <see cref="Dispose"/>.
    /// </summary>
    public sealed record Token : TokenAnswer, IDisposable
    {
        private readonly Wire.Secret _secret;

        /// <param name="username">The user name that goes with the secret.</param>
        /// <param name="secret">The password, UTF-8, of which a copy is taken.</param>
        /// <param name="expiresAt">When it ends.</param>
        /// <param name="warning">One line for stderr when it has less left than it should, or null. Never a secret.</param>
        public Token(string username, ReadOnlySpan<byte> secret, DateTimeOffset expiresAt, string? warning)
        {
            (Username, ExpiresAt, Warning) = (username, expiresAt, warning);
            _secret = Wire.Secret.RentCopy(secret);
        }

        public string Username { get; }

        /// <summary>The password, UTF-8; empty after <see cref="Dispose"/>.</summary>
        public ReadOnlySpan<byte> Secret => _secret.Bytes;

        public DateTimeOffset ExpiresAt { get; }

        /// <summary>One line for stderr when it has less left than it should, or null. Never a secret.</summary>
        public string? Warning { get; init; }

        public void Dispose() => _secret.Dispose();

        /// <summary>Never the secret.</summary>
        public override string ToString() => $"{Username} token until {ExpiresAt:O}";
    }

    /// <summary>No token may be handed out.</summary>
    public sealed record Failed(Problem Problem) : TokenAnswer;
}
