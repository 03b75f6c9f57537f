using System.Runtime.Versioning;
using Xunit;

namespace Ark.Tests.Scripts;

/// <summary>What <c>scripts/publish</c> says on a machine where something it builds with is not there: one line, and one that helps.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ToolchainTests
{
    public ToolchainTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "the linker is another on each system; this is Linux's");

    [Fact]
    public async Task Without_an_sdk_it_says_which_one_to_install()
    {
        using var machine = new BareMachine();
        machine.Has("gcc", "exit 0");

        var run = await machine.PublishAsync();

        Refused(run, "the .NET SDK is not installed or not on PATH", "install SDK 10.0.400 or a later patch of it: https://dot.net/download");
    }

    [Fact]
    public async Task With_another_sdk_it_names_the_one_that_is_there_and_the_one_to_install()
    {
        using var machine = new BareMachine();
        machine.Has("dotnet", """[ "$1" = --list-sdks ] && echo "8.0.100 [/usr/share/dotnet/sdk]" && exit 0; exit 145""");

        var run = await machine.PublishAsync();

        Refused(run, "no installed .NET SDK fits global.json (installed: 8.0.100)", "install SDK 10.0.400 or a later patch of it: https://dot.net/download");
    }

    [Fact]
    public async Task Without_a_linker_it_names_both_that_would_do()
    {
        using var machine = new BareMachine();
        machine.HasSdk();

        var run = await machine.PublishAsync();

        Refused(run, "no linker: neither clang nor gcc was found", "install one of them, such as: apt-get install gcc libc6-dev");
    }

    [Fact]
    public async Task Without_objcopy_it_names_its_package()
    {
        using var machine = new BareMachine();
        machine.HasSdk();
        machine.Has("gcc", "exit 0");

        var run = await machine.PublishAsync();

        Refused(run, "objcopy was not found, so debug symbols cannot be taken out", "install it: apt-get install binutils");
    }

    [Theory]
    [InlineData("gcc")]
    [InlineData("clang")]
    public async Task A_compiler_that_cannot_link_is_named_with_what_it_lacks(string compiler)
    {
        using var machine = new BareMachine();
        machine.HasSdk();
        machine.Has("objcopy", "exit 0");
        machine.Has(compiler, "echo 'cannot find crt1.o' >&2; exit 1");

        var run = await machine.PublishAsync();

        Refused(run, $"{compiler} cannot link a C program", "install the C library's development files: apt-get install libc6-dev");
    }

    private static void Refused((int Code, string Output, string Errors) run, string error, string hint)
    {
        Assert.Equal($"ark: error: {error}\nark: hint: {hint}\n", run.Errors);
        Assert.Equal(("", 1), (run.Output, run.Code));
    }
}
