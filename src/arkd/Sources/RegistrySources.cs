using System.Diagnostics;
using Ark.Aws;
using Ark.Core.Resolving;
using Ark.Core.Sources;

namespace Ark.Daemon.Sources;

/// <summary>Brings each kind of source to whoever gets its credentials.</summary>
internal sealed class RegistrySources(EcrTokenSources ecr)
{
    /// <summary>The source that answers for <paramref name="caller"/> at the binding's registry. Looks at files, never at the network.</summary>
    public SourceOutcome For(Binding binding, CallerIdentity caller) => binding.Source switch
    {
        EcrSource source => ecr.For(source, caller),
        _ => throw new UnreachableException(),
    };
}
