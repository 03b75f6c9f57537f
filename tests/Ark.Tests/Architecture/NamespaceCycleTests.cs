using Xunit;

namespace Ark.Tests.Architecture;

/// <summary>No two namespaces need each other, directly or around corners: each can be read, and moved, without the other.</summary>
public sealed class NamespaceCycleTests
{
    [Fact]
    public void No_namespaces_need_each_other()
    {
        IEnumerable<string> projects = Directory.EnumerateFiles(Repository.PathOf("src"), "*.csproj", SearchOption.AllDirectories);
        IReadOnlyList<string> cycle = NamespaceGraph.Of([.. projects.Select(project => Path.GetFileNameWithoutExtension(project))]).Cycle();

        Assert.True(cycle.Count == 0, string.Join('\n', cycle));
    }

    /// <summary>If this fails the test above proves nothing.</summary>
    [Fact]
    public void What_a_namespace_uses_is_seen()
    {
        var core = NamespaceGraph.Of("Ark.Core");

        Assert.Contains("Ark.Core.Configuration", core.UsedBy("Ark.Core.Resolving"));
        Assert.Contains("Ark.Wire.Registries", core.UsedBy("Ark.Core.Resolving"));
    }

    [Fact]
    public void A_cycle_around_a_corner_is_named()
    {
        var graph = new NamespaceGraph([("a", "b", "1"), ("b", "c", "2"), ("c", "d", "3"), ("d", "b", "4"), ("a", "d", "5")]);

        Assert.Equal(["b → c: 2", "c → d: 3", "d → b: 4"], graph.Cycle());
    }
}
