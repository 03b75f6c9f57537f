using Ark.Wire;

namespace Ark.Aws.Calls;

/// <summary>The body of an answer, which is read into memory that is wiped afterwards, since there may be keys in it.</summary>
internal static class AwsAnswer
{
    /// <summary>Sends the request once and has its answer read.</summary>
    /// <param name="http">The connections.</param>
    /// <param name="request">What is sent.</param>
    /// <param name="read">Reads what AWS gave. What it reads from is wiped when it has returned.</param>
    /// <param name="refusal">Reads why AWS gave nothing: its code and its message, each null where there is none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="AwsRefusal">The service refused it.</exception>
    /// <exception cref="NotAwsException">What came is no answer of AWS.</exception>
    public static async Task<T> ReadAsync<T>(
        AwsHttp http,
        HttpRequestMessage request,
        Func<ReadOnlyMemory<byte>, T> read,
        Func<ReadOnlyMemory<byte>, HttpResponseMessage, (string? Code, string? Message)> refusal,
        CancellationToken cancellationToken)
        where T : class
    {
        using HttpResponseMessage response = await http.SendAsync(request, cancellationToken);
        Secret answer = Secret.Rent(Room(response));
        int length = 0;
        try
        {
            await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            for (int count = 1; count > 0; length += count)
            {
                if (length == answer.Memory.Length)
                {
                    Grow(ref answer);
                }

                count = await stream.ReadAsync(answer.Memory[length..], cancellationToken);
            }

            ReadOnlyMemory<byte> whole = answer.Memory[..length];
            if (response.IsSuccessStatusCode)
            {
                return read(whole);
            }

            (string? code, string? message) = refusal(whole, response);
            throw new AwsRefusal(message ?? "", BareCode(code ?? ""), response.StatusCode, response.Headers.Date);
        }
        finally
        {
            answer.Dispose();
        }
    }

    private static int Room(HttpResponseMessage response) => response.Content.Headers.ContentLength switch
    {
        > AwsHttp.MaxAnswer => throw TooLong(),
        { } length => (int)length + 1,
        null => 16 * 1024,
    };

    private static void Grow(ref Secret answer)
    {
        if (answer.Memory.Length > AwsHttp.MaxAnswer)
        {
            throw TooLong();
        }

        using Secret smaller = answer;
        answer = Secret.Rent(2 * smaller.Memory.Length);
        smaller.Memory.CopyTo(answer.Memory);
    }

    private static HttpRequestException TooLong() => new(HttpRequestError.ConfigurationLimitExceeded);

    /// <summary>The bare code of <c>namespace#Code</c> or <c>Code:http://…</c>.</summary>
    private static string BareCode(string type)
    {
        string code = type[(type.LastIndexOf('#') + 1)..];
        int colon = code.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? code : code[..colon];
    }
}
