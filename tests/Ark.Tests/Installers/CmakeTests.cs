using System.Runtime.Versioning;
using Xunit;

namespace Ark.Tests.Installers;

/// <summary>The CMake module, by real cmake, make and ninja.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class CmakeTests
{
    private const string Plain = "ark_add_container(app REPOSITORY catalog/extract-video ORGANIZATION tbd)";

    public CmakeTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "the stand-ins for ark and docker are shell scripts");

    [Theory]
    [InlineData("Unix Makefiles")]
    [InlineData("Ninja")]
    public async Task The_repository_is_made_sure_of_then_the_image_is_built_then_it_is_pushed(string generator)
    {
        using var project = new CmakeProject(generator);
        project.Says("ark_add_container(app REPOSITORY catalog/extract-video ORGANIZATION tbd TAG 1.2 latest)");

        var run = await project.RunAsync("app-docker");

        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Equal(
            [
                "ark [repo] [create] [catalog/extract-video] [--organization] [tbd] [--if-not-exists]",
                $"docker [build] [--tag] [{CmakeProject.Url}:1.2] [--tag] [{CmakeProject.Url}:latest] [{project.Source}]",
                $"docker [push] [{CmakeProject.Url}:1.2]",
                $"docker [push] [{CmakeProject.Url}:latest]",
            ],
            project.Called());
        Assert.Contains($"pushed {CmakeProject.Url}:1.2", run.OutputText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Unix Makefiles")]
    [InlineData("Ninja")]
    public async Task Every_argument_arrives_as_it_was_written(string generator)
    {
        using var project = new CmakeProject(generator);
        project.Says("""
            ark_add_container(app REPOSITORY catalog/extract-video ORGANIZATION "Some Org" PARENTS PLATFORM linux/arm64
              DOCKERFILE "docker files/App" CONTEXT "${CMAKE_CURRENT_BINARY_DIR}/staged files"
              BUILD_ARGS "A=x  y" [[B=$HOME "quoted" 'z' \w & |]] "C=p;q" D= E=$<1:made>)
            """);

        var run = await project.RunAsync("app-docker");

        Assert.True(run.ExitCode == 0, run.ToString());
        string home = Path.GetDirectoryName(project.Source)!;
        Assert.Equal(
            [
                "ark [repo] [create] [catalog/extract-video] [--organization] [Some Org] [--if-not-exists] [--parents]",
                $"docker [build] [--tag] [{CmakeProject.Url}:latest] [--file] [{project.Source}/docker files/App] [--platform] [linux/arm64]"
                    + """ [--build-arg] [A=x  y] [--build-arg] [B=$HOME "quoted" 'z' \w & |] [--build-arg] [C=p;q] [--build-arg] [D=] [--build-arg] [E=made]"""
                    + $" [{home}/the build/staged files]",
                $"docker [push] [{CmakeProject.Url}:latest]",
            ],
            project.Called());
    }

    [Theory]
    [InlineData("Unix Makefiles")]
    [InlineData("Ninja")]
    public async Task A_dependency_that_changed_is_made_again_before_the_image(string generator)
    {
        using var project = new CmakeProject(generator);
        project.Has("docker", "[ \"$1\" != build ] || cat made other");
        project.HasFile("input", "first");
        project.Says("""
            add_custom_command(OUTPUT made COMMAND "${CMAKE_COMMAND}" -E copy "${CMAKE_CURRENT_SOURCE_DIR}/input" made DEPENDS input VERBATIM)
            add_custom_target(makes-other COMMAND "${CMAKE_COMMAND}" -E copy "${CMAKE_CURRENT_SOURCE_DIR}/input" other VERBATIM)
            ark_add_container(app REPOSITORY app ORGANIZATION tbd DEPENDS makes-other "${CMAKE_CURRENT_BINARY_DIR}/made")
            """);

        var first = await project.RunAsync("app-docker");
        project.HasFile("input", "second");
        // File systems with coarse times would not tell the two apart.
        File.SetLastWriteTimeUtc(Path.Combine(project.Source, "input"), DateTime.UtcNow.AddSeconds(10));
        var second = await project.BuildAsync("app-docker");

        Assert.Contains("firstfirst", first.OutputText, StringComparison.Ordinal);
        Assert.Contains("secondsecond", second.OutputText, StringComparison.Ordinal);
        Assert.Equal(2, project.Called().Count(call => call.StartsWith("docker [push]", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Without_a_repository_nothing_is_built_and_ark_says_why()
    {
        using var project = new CmakeProject();
        project.Has("ark", "echo 'ark: error: you may not create repositories in tbd' >&2; exit 1");
        project.Says(Plain);

        var run = await project.RunAsync("app-docker");

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("ark: error: you may not create repositories in tbd", run.ErrorText, StringComparison.Ordinal);
        Assert.Contains("making sure of the repository catalog/extract-video of tbd failed", OneLine(run.ErrorText), StringComparison.Ordinal);
        Assert.Single(project.Called());
    }

    [Theory]
    [InlineData("")]
    [InlineData("echo no url")]
    [InlineData("echo host/a; echo host/b")]
    [InlineData("echo https://host/a")]
    public async Task What_is_no_url_of_one_repository_is_not_built_for(string answer)
    {
        using var project = new CmakeProject();
        project.Has("ark", answer);
        project.Says(Plain);

        var run = await project.RunAsync("app-docker");

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("did not answer with one repository URL", OneLine(run.ErrorText), StringComparison.Ordinal);
        Assert.Single(project.Called());
    }

    [Theory]
    [InlineData("build", 2)]
    [InlineData("push", 3)]
    public async Task What_the_engine_cannot_do_fails_the_target(string what, int calls)
    {
        using var project = new CmakeProject();
        project.Has("docker", $"[ \"$1\" != {what} ] || {{ echo 'denied: no basic auth' >&2; exit 7; }}");
        project.Says("ark_add_container(app REPOSITORY app ORGANIZATION tbd TAG one two)");

        var run = await project.RunAsync("app-docker");

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("denied: no basic auth", run.ErrorText, StringComparison.Ordinal);
        Assert.Contains($"{what}ing {CmakeProject.Url}", OneLine(run.ErrorText), StringComparison.Ordinal);
        Assert.Contains("failed (7)", OneLine(run.ErrorText), StringComparison.Ordinal);
        Assert.DoesNotContain("pushed", run.OutputText, StringComparison.Ordinal);
        Assert.Equal(calls, project.Called().Length);
    }

    [Fact]
    public async Task Unpushed_an_image_gets_its_name_and_nothing_is_created()
    {
        using var project = new CmakeProject();
        project.Says("ark_add_container(app REPOSITORY app ORGANIZATION tbd NO_PUSH)");

        var run = await project.RunAsync("app-docker");

        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Equal(["ark [repo] [url] [app] [--organization] [tbd]", $"docker [build] [--tag] [{CmakeProject.Url}:latest] [{project.Source}]"], project.Called());
    }

    [Fact]
    public async Task An_image_of_a_repository_that_is_there_needs_no_ark()
    {
        using var project = new CmakeProject();
        project.HasNo("ark");
        project.Says("ark_add_container(app IMAGE registry.example.com:5000/team/app TAG 0)");

        var run = await project.RunAsync("app-docker");

        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Equal(
            [$"docker [build] [--tag] [registry.example.com:5000/team/app:0] [{project.Source}]", "docker [push] [registry.example.com:5000/team/app:0]"],
            project.Called());
    }

    [Theory]
    [InlineData("REPOSITORY app ORGANIZATION tbd", "asked as tbd")]
    [InlineData("IMAGE registry.example.com/app ORGANIZATION tbd", "asked as tbd")]
    [InlineData("IMAGE registry.example.com/app", "asked as ?")]
    public async Task The_base_is_pulled_and_the_image_pushed_as_the_organization(string arguments, string expected)
    {
        using var project = new CmakeProject();
        project.Has("docker", "echo \"$1 asked as ${ARK_ORGANIZATION-?}\"");
        project.Says($"ark_add_container(app {arguments})");

        var run = await project.RunAsync("app-docker");

        Assert.Contains($"build {expected}", run.OutputText, StringComparison.Ordinal);
        Assert.Contains($"push {expected}", run.OutputText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_engine_and_ark_can_be_chosen()
    {
        using var project = new CmakeProject();
        project.Has("podman", "");
        project.Has("my-ark", $"echo {CmakeProject.Url}");
        project.Has("my-engine", "");
        project.Says($"{Plain}\nark_add_container(other IMAGE registry.example.com/other ENGINE podman)");
        string programs = Path.Combine(Path.GetDirectoryName(project.Source)!, "my programs");

        await project.RunAsync("app-docker", $"-DARK_EXECUTABLE={programs}/my-ark", $"-DARK_CONTAINER_ENGINE={programs}/my-engine");
        await project.BuildAsync("other-docker");

        Assert.Equal(["my-ark", "my-engine", "my-engine", "podman", "podman"], project.Called().Select(call => call.Split(' ')[0]));
    }

    [Fact]
    public async Task A_program_that_is_missing_is_told_when_it_is_needed_and_not_before()
    {
        using var project = new CmakeProject();
        project.Says(Plain);

        project.FindsNothing();

        var noArk = await project.RunAsync("app-docker", "-DARK_CONTAINER_ENGINE=docker");
        Assert.NotEqual(0, noArk.ExitCode);
        Assert.Contains("the ark command was not found", OneLine(noArk.ErrorText), StringComparison.Ordinal);

        await project.ConfigureAsync("-DARK_EXECUTABLE=ark", "-UARK_CONTAINER_ENGINE");
        var noEngine = await project.BuildAsync("app-docker");
        Assert.NotEqual(0, noEngine.ExitCode);
        Assert.Contains("neither docker nor podman was found", OneLine(noEngine.ErrorText), StringComparison.Ordinal);
        Assert.Empty(project.Called());
    }

    [Fact]
    public async Task Installed_it_is_found_with_the_ark_that_was_installed_with_it()
    {
        using var user = new Sandbox();
        using var project = new CmakeProject();
        Sandbox.WriteProgram(Path.Combine(user.Executables, "ark"), $"echo {CmakeProject.Url.Replace("prod", "installed", StringComparison.Ordinal)}");
        var installed = await user.Install("linux");
        Assert.Equal((0, ""), (installed.Code, installed.Errors));
        project.HasOnPath(user.Bin);
        project.Says(Plain, "find_package(ArkContainer REQUIRED)");

        var run = await project.RunAsync("app-docker");

        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Contains("/installed/", project.Called()[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "where should the image go?")]
    [InlineData("REPOSITORY app", "whose is the repository app?")]
    [InlineData("REPOSITORY app ORGANIZATION \"\"", "whose is the repository app?")]
    [InlineData("REPOSITORY app IMAGE host/app ORGANIZATION tbd", "both were given")]
    [InlineData("IMAGE https://host/app", "without a scheme or a tag")]
    [InlineData("IMAGE host/app:1", "without a scheme or a tag")]
    [InlineData("IMAGE app", "without a scheme or a tag")]
    [InlineData("IMAGE host/app TAG", "a value is missing after TAG")]
    [InlineData("IMAGE host/app LABEL x", "nothing is known of these arguments: LABEL;x")]
    [InlineData("IMAGE host/app BUILD_ARGS ok=1 not-ok", "one was: not-ok")]
    [InlineData("IMAGE host/app ENGINE buildah", "ENGINE is docker or podman, but was: buildah")]
    public async Task A_mistake_is_told_while_configuring(string arguments, string message)
    {
        using var project = new CmakeProject();
        project.Says($"ark_add_container(app {arguments})");

        var run = await project.ConfigureAsync();

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains($"ark_add_container(app): ", OneLine(run.ErrorText), StringComparison.Ordinal);
        Assert.Contains(message, OneLine(run.ErrorText), StringComparison.Ordinal);
    }

    /// <summary>CMake breaks its messages into lines.</summary>
    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
