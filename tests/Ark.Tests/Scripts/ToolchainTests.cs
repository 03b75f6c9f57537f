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

    [Theory]
    [InlineData("libc.a", "-static", "The static C library (libc.a) is not installed: the executables")]
    [InlineData("libssl.a", "-lssl", "cmake, make or static OpenSSL (libssl-dev) is not installed: arkd and ark")]
    public async Task Without_a_static_library_it_says_so_and_goes_on_to_link_dynamically(string library, string argument, string said)
    {
        using var machine = new BareMachine();
        machine.HasSdk();
        machine.HasLinker($"case \" $* \" in *' {argument} '*) echo 'cannot find {library}' >&2; exit 1 ;; esac");
        machine.Has("cmake", "exit 0");
        machine.Has("make", "exit 0");

        var run = await machine.PublishAsync();

        Assert.StartsWith($"{said} need OpenSSL 3 and glibc as new as here where they run.\n", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("linker", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cmake")]
    [InlineData("make")]
    public async Task Without_a_tool_that_builds_static_OpenSSL_in_it_says_so_and_goes_on_to_link_dynamically(string tool)
    {
        using var machine = new BareMachine();
        machine.HasSdk();
        machine.HasLinker("");
        machine.Has(tool == "make" ? "cmake" : "make", "exit 0");

        var run = await machine.PublishAsync();

        Assert.StartsWith("cmake, make or static OpenSSL (libssl-dev) is not installed", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_lock_files_that_are_stale_it_says_how_to_renew_them()
    {
        using var machine = new BareMachine();
        machine.Has("dotnet", """[ "$1" = restore ] && echo "error NU1004: The packages lock file is inconsistent" && exit 1; exit 0""");
        machine.HasLinker("");

        var run = await machine.PublishAsync();

        Assert.EndsWith(
            "ark: error: the packages of docker-credential-ark could not be restored as the lock files say\n"
            + "ark: hint: after changing a package: scripts/publish --lock, and commit the lock files\n",
            run.Errors,
            StringComparison.Ordinal);
        Assert.Equal(1, run.Code);
    }

    [Theory]
    [InlineData("ILC : warning IL2026: Using member 'X' which has 'RequiresUnreferencedCodeAttribute'", false)]
    [InlineData("(.text+0x81) : warning : Using 'dlopen' in statically linked applications requires at runtime", false)]
    [InlineData("(.text+0x81) : warning : Using 'gethostbyname' in statically linked applications requires at runtime", true)]
    [InlineData("EXEC : CMake warning :  [arkd.csproj]", true)]
    public async Task Any_warning_but_the_two_that_are_named_fails_the_publish(string warning, bool allowed)
    {
        using var machine = new BareMachine();
        machine.Has("dotnet", $$"""
            [ "$1" = publish ] || exit 0
            echo "{{warning}}"
            for argument; do case $argument in -p:ArkNativeFor=*) platform=${argument#*=} ;; esac; done
            output=artifacts/native/publish/${2#src/}/release_$platform
            mkdir -p "$output"
            echo program >"$output/${2#src/}"
            """);
        machine.HasLinker("");

        var run = await machine.PublishAsync();

        Assert.Equal(allowed ? 0 : 1, run.Code);
        Assert.Equal(!allowed, run.Errors.Contains("docker-credential-ark could not be published (any warning", StringComparison.Ordinal));
        Assert.Equal(allowed, run.Output.Contains("Published to", StringComparison.Ordinal));
    }

    private static void Refused((int Code, string Output, string Errors) run, string error, string hint)
    {
        Assert.Equal($"ark: error: {error}\nark: hint: {hint}\n", run.Errors);
        Assert.Equal(("", 1), (run.Output, run.Code));
    }
}
