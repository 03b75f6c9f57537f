using FsCheck;
using FsCheck.Fluent;

namespace Ark.Tests.Wire;

/// <summary>Checks that something holds for any values; a failure shows the smallest that break it.</summary>
internal static class Always
{
    private static readonly Config Settings = Config.QuickThrowOnFailure.WithMaxTest(1_000);

    public static void Holds<T1, T2, T3>(Func<T1, T2, T3, bool> rule) => Check.One(
        Settings,
        Prop.ForAll(ArbMap.Default.ArbFor<T1>(), ArbMap.Default.ArbFor<T2>(), ArbMap.Default.ArbFor<T3>(), rule));
}
