using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Daemon.Logging;
using Ark.Daemon.Sources;
using Ark.Processes;
using Ark.Wire;
using Microsoft.Extensions.Logging;

namespace Ark.Daemon.Handlers;

/// <summary>Hands a request on to another docker credential helper, and its answer back, byte for byte.</summary>
internal sealed class HelperRelay(DockerHelper helpers, CallerContexts callers, ILogger log)
{
    /// <summary>
    /// What the helper answered, whatever it was; a problem when it could not be asked. Nothing that it prints is looked at, and no exit
    /// code but 0 and 1 gets through, as the protocol has no others.
    /// </summary>
    public async Task<Outcome<Reply>> AskAsync(
        string helper, string verb, ReadOnlyMemory<byte> payload, RequestContext context, CancellationToken cancellationToken)
    {
        if (context.Caller[IdentityVariables.Loop] is not null)
        {
            return RegistrySources.Loop;
        }

        Outcome<ProgramEnd.Ended> outcome =
            await helpers.RunAsync(helper, verb, payload, callers.Of(context.Caller), cancellationToken);
        if (!outcome.Succeeded(out ProgramEnd.Ended? ended, out Problem? problem))
        {
            log.NotRelayed(verb, problem.Kind, problem.Message);
            return problem;
        }

        using (ended)
        {
            log.Relayed(verb, ended.ExitCode);
            byte[] output = GC.AllocateUninitializedArray<byte>(ended.Output.Length, pinned: true);
            ended.Output.CopyTo(output);
            return new Reply(ended.ExitCode == 0 ? 0 : 1, output, ended.Errors.ToArray(), Build.Current);
        }
    }
}
