using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Ark.Testing.Aws;

/// <summary>
/// Puts an answer on the wire, whole or broken in the way that was asked for. The answer is made only if some of it is sent, so that
/// a call that hangs issues no token.
/// </summary>
internal sealed class Delivery(TimeProvider clock)
{
    private const int EndlessLimit = 256 << 20;

    /// <summary>How long every answer takes longer.</summary>
    public TimeSpan Latency { get; set; }

    public async Task SendAsync(HttpContext context, Func<AwsAnswer> answer, Behavior? behavior)
    {
        if (Latency > TimeSpan.Zero)
        {
            await Task.Delay(Latency, clock, context.RequestAborted);
        }

        switch (behavior)
        {
            case Behavior.Hang:
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
                break;
            case Behavior.CloseConnection:
                context.Abort();
                break;
            case Behavior.GarbageHtml page:
                await WriteAsync(context, new AwsAnswer(200, page.Type, Encoding.UTF8.GetBytes(page.Body)));
                break;
            case Behavior.Redirect redirect:
                context.Response.Headers.Location = redirect.Location.ToString();
                await WriteAsync(context, new AwsAnswer(307, "text/plain", []));
                break;
            case Behavior.Truncate:
                var whole = answer();
                Prepare(context, whole);
                await context.Response.Body.WriteAsync(whole.Body.AsMemory(0, whole.Body.Length / 2), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                context.Abort();
                break;
            case Behavior.Lie { About: TokenLie.Endless }:
                await WriteEndlessAsync(context);
                break;
            default:
                await WriteAsync(context, answer());
                break;
        }
    }

    private async Task WriteAsync(HttpContext context, AwsAnswer answer)
    {
        Prepare(context, answer);
        await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }

    private void Prepare(HttpContext context, AwsAnswer answer)
    {
        PrepareHead(context, answer);
        context.Response.ContentLength = answer.Body.Length;
    }

    private void PrepareHead(HttpContext context, AwsAnswer answer)
    {
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        context.Response.Headers["x-amzn-RequestId"] = Guid.NewGuid().ToString();
        context.Response.Headers.Date = clock.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
        if (answer.ErrorType is { } errorType)
        {
            context.Response.Headers["x-amzn-ErrorType"] = errorType;
        }
    }

    private async Task WriteEndlessAsync(HttpContext context)
    {
        PrepareHead(context, new AwsAnswer(200, "application/x-amz-json-1.1", []));
        await context.Response.WriteAsync("""{"authorizationData":[{"authorizationToken":"QVdTOg""", context.RequestAborted);
        var block = new byte[64 << 10];
        block.AsSpan().Fill((byte)'A');
        for (var sent = 0; sent < EndlessLimit; sent += block.Length)
        {
            await context.Response.Body.WriteAsync(block, context.RequestAborted);
        }
    }
}
