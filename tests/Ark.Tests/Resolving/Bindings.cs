using Ark.Core.Map;
using Ark.Core.Registries;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Xunit;

namespace Ark.Tests.Resolving;

internal static class Bindings
{
    /// <summary>The source of a binding that must be one of ECR's.</summary>
    public static EcrSource Ecr(this Binding? binding) => Assert.IsType<EcrSource>(binding?.Source);

    /// <summary>What a map binds a canonical host to, where that is one thing; null where the map does not name it.</summary>
    public static Binding? BoundTo(this OrganizationMap map, string host) =>
        RegistryReference.Parse(host) is RegistryParse.Parsed(var registry) && registry.Host == host && map.Find(registry) is { } candidates
            ? Assert.Single(candidates.All).For(registry)
            : null;
}
