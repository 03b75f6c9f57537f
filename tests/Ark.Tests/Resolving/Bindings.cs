using Ark.Core.Configuration;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Wire.Registries;
using Xunit;

namespace Ark.Tests.Resolving;

internal static class Bindings
{
    /// <summary>The source of a binding that must be one of ECR's.</summary>
    public static EcrSource Ecr(this Binding? binding) => Assert.IsType<EcrSource>(binding?.Source);

    /// <summary>What a configuration binds a canonical host to, where that is one thing; null where the configuration does not name it.</summary>
    public static Binding? BoundTo(this ArkConfiguration configuration, string host) =>
        RegistryReference.Parse(host) is RegistryParse.Parsed(var registry) && registry.Host == host && configuration.Find(registry) is { } candidates
            ? Binding.Of(Assert.Single(candidates.All), registry)
            : null;
}
