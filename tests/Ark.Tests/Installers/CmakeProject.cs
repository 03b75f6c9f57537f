using System.Runtime.Versioning;
using Ark.Testing;
using Xunit;

namespace Ark.Tests.Installers;

/// <summary>
/// A CMake project in folders with blanks in their names, on a machine whose <c>ark</c> and <c>docker</c> note how they were called:
/// a line a call, each argument in brackets.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class CmakeProject : IDisposable
{
    public const string Url = "095412845506.dkr.ecr.us-east-1.amazonaws.com/prod/2ea25035-6aa4-42fb-9955-92288ea1b972/catalog/extract-video";

    private static readonly string? Cmake = Testing.Programs.Find("cmake", Environment.GetEnvironmentVariable("PATH") ?? "");

    private readonly TemporaryHome _home = new();
    private readonly string _generator;
    private readonly List<string> _options = [];

    public CmakeProject(string generator = "Unix Makefiles")
    {
        _generator = generator;
        Assert.SkipWhen(Cmake is null, "cmake is not installed");
        string tool = generator == "Ninja" ? "ninja" : "make";
        string? path = Testing.Programs.Find(tool, _home.Variables["PATH"]);
        Assert.SkipWhen(path is null, $"{tool} is not installed");
        _options.Add($"-DCMAKE_MAKE_PROGRAM={path}");
        _home.Variables["PATH"] = $"{Path.Combine(_home.Home, "my programs")}:{_home.Variables["PATH"]}";
        Has("ark", $"echo {Url}");
        Has("docker", "");
    }

    private static string Module { get; } = Path.Combine(Sandbox.Installers, "cmake", "ArkContainer.cmake");

    public string Source => Path.Combine(_home.Home, "the sources & more");

    private string Build => Path.Combine(_home.Home, "the build");

    private string Calls => Path.Combine(_home.Home, "calls");

    /// <summary>What was called, in order.</summary>
    public string[] Called() => File.Exists(Calls) ? File.ReadAllLines(Calls) : [];

    /// <summary>A program that notes its call and then does this.</summary>
    public void Has(string program, string body) => _home.WriteScript($"my programs/{program}", $$"""
        #!/bin/sh
        { printf %s '{{program}}'; printf ' [%s]' "$@"; echo; } >> '{{Calls}}'
        {{body}}

        """);

    /// <summary>CMake looks for programs nowhere.</summary>
    public void FindsNothing() => _options.AddRange(["-DCMAKE_FIND_USE_SYSTEM_ENVIRONMENT_PATH=OFF", "-DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF"]);

    public void HasNo(string program) => File.Delete(Path.Combine(_home.Home, "my programs", program));

    /// <summary>The last folder of PATH.</summary>
    public void HasOnPath(string folder) => _home.Variables["PATH"] += $":{folder}";

    /// <summary>The project consists of these lines, after the usual ones.</summary>
    public void Says(string lines, string? beginning = null) => _home.Write("the sources & more/CMakeLists.txt", $"""
        cmake_minimum_required(VERSION 3.16)
        project(some NONE)
        {beginning ?? $"include(\"{Module}\")"}
        {lines}

        """);

    public void HasFile(string name, string text) => _home.Write($"the sources & more/{name}", text);

    public Task<ProgramResult> ConfigureAsync(params string[] options) =>
        _home.RunAsync(Cmake!, ["-S", Source, "-B", Build, "-G", _generator, .. _options, .. options], cancellation: TestContext.Current.CancellationToken);

    public Task<ProgramResult> BuildAsync(string target) =>
        _home.RunAsync(Cmake!, ["--build", Build, "--target", target], cancellation: TestContext.Current.CancellationToken);

    /// <summary>Configures, which must work and call nobody, then builds.</summary>
    public async Task<ProgramResult> RunAsync(string target, params string[] options)
    {
        var configured = await ConfigureAsync(options);
        Assert.True(configured.ExitCode == 0, configured.ToString());
        Assert.Empty(Called());
        return await BuildAsync(target);
    }

    public void Dispose() => _home.Dispose();
}
