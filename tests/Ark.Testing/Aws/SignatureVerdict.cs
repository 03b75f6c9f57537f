namespace Ark.Testing.Aws;

/// <summary>What <see cref="SigV4Verifier"/> says of a request.</summary>
public abstract record SignatureVerdict
{
    private SignatureVerdict()
    {
    }

    /// <summary>Signed by <paramref name="Principal"/> for that region and service.</summary>
    public sealed record Accepted(Principal Principal, string Region, string Service) : SignatureVerdict;

    /// <summary>Not accepted; <paramref name="Message"/> is what AWS says.</summary>
    public sealed record Refused(SignatureFault Fault, string Message) : SignatureVerdict;
}

/// <summary>Why a signature is not accepted. Each AWS protocol has its own code for it.</summary>
public enum SignatureFault
{
    Missing,
    Incomplete,
    UnknownKey,
    ExpiredSession,
    Mismatch,
}
