using Ark.Core.Resolving;
using Ark.Core.Sources;
using Xunit;

namespace Ark.Tests.Resolving;

internal static class Bindings
{
    /// <summary>The source of a binding that must be one of ECR's.</summary>
    public static EcrSource Ecr(this Binding? binding) => Assert.IsType<EcrSource>(binding?.Source);
}
