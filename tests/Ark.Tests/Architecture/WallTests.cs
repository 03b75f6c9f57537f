using Xunit;

namespace Ark.Tests.Architecture;

/// <summary>Who may know whom. A wall that has to move moves here and on the page in the same change.</summary>
public sealed class WallTests
{
    /// <summary>What the helper's start cannot afford, and what nothing that it links may use.</summary>
    private static readonly string[] TooHeavyForTheHelper =
    [
        "System.Net.", "System.Text.Json", "System.Text.RegularExpressions", "Microsoft.Extensions.", "System.Private.Uri", "Spectre.", "System.CommandLine", "AWSSDK.",
    ];

    [Theory]
    [InlineData("Ark.Wire")]
    [InlineData("Ark.Client", "Ark.Wire")]
    [InlineData("docker-credential-ark", "Ark.Client")]
    [InlineData("Ark.Core", "Ark.Wire")]
    [InlineData("Ark.Files", "Ark.Wire")]
    [InlineData("Ark.Processes")]
    [InlineData("Ark.Aws", "Ark.Core", "Ark.Files", "Ark.Processes")]
    [InlineData("Ark.Messages")]
    [InlineData("arkd", "Ark.Aws", "Ark.Core", "Ark.Files", "Ark.Messages", "Ark.Processes", "Ark.Wire")]
    [InlineData("ark", "Ark.Client", "Ark.Files", "Ark.Messages")]
    public void A_project_references_these_and_no_others(string project, params string[] references) =>
        Assert.Equal(references, Project.All[project].References);

    [Fact]
    public void There_are_no_projects_but_those() => Assert.Equal(10, Project.All.Count);

    [Theory]
    [InlineData("Ark.Wire")]
    [InlineData("Ark.Client")]
    [InlineData("docker-credential-ark")]
    [InlineData("Ark.Core")]
    [InlineData("Ark.Files")]
    [InlineData("Ark.Messages")]
    [InlineData("Ark.Processes")]
    [InlineData("Ark.Aws")]
    [InlineData("arkd", "Microsoft.Extensions.Logging")]
    [InlineData("ark", "Spectre.Console", "System.CommandLine")]
    public void A_project_takes_these_packages_and_no_others(string project, params string[] packages) =>
        Assert.Equal(packages, Project.All[project].Packages);

    [Theory]
    [InlineData("Ark.Wire")]
    [InlineData("Ark.Client")]
    [InlineData("docker-credential-ark")]
    public void The_helper_stays_light(string assembly)
    {
        var linked = new LinkedAssembly(assembly);
        Assert.DoesNotContain(linked.Assemblies, name => TooHeavyForTheHelper.Any(heavy => name.StartsWith(heavy, StringComparison.Ordinal)));
        Assert.DoesNotContain(linked.Assemblies, name => name is "Ark.Core" or "Ark.Aws");
    }

    /// <summary>
    /// On Linux .NET's cryptography is OpenSSL, loaded at run time, which ends a static executable; random numbers come from the
    /// system. Wiping memory is the one thing that needs no library.
    /// </summary>
    [Theory]
    [InlineData("Ark.Wire")]
    [InlineData("Ark.Client")]
    [InlineData("docker-credential-ark")]
    public void The_helper_uses_no_cryptography_that_must_be_loaded(string assembly)
    {
        const string Namespace = "System.Security.Cryptography.";
        Assert.DoesNotContain(new LinkedAssembly(assembly).Types, type => type.StartsWith(Namespace, StringComparison.Ordinal) && type != $"{Namespace}CryptographicOperations");
    }

    [Theory]
    [InlineData("Ark.Core", "System.IO.Pipes", "System.Net.Http", "System.Net.Sockets", "System.Net.Primitives", "System.Diagnostics.Process", "Ark.Aws", "AWSSDK.Core")]
    [InlineData("Ark.Files", "System.IO.Pipes", "System.Net.Http", "System.Text.Json", "System.Diagnostics.Process")]
    [InlineData("Ark.Processes", "System.Net.Http", "System.Text.Json", "Ark.Core", "Ark.Wire")]
    [InlineData("Ark.Aws", "System.IO.Pipes", "System.Diagnostics.Process", "Ark.Client")]
    [InlineData("arkd", "Ark.Client")]
    [InlineData("ark", "Ark.Core", "Ark.Aws", "System.Net.Sockets", "AWSSDK.Core")]
    [InlineData("Ark.Wire", "System.Diagnostics.Process")]
    [InlineData("Ark.Client", "System.Net.Http")]
    public void An_assembly_links_none_of_these(string assembly, params string[] forbidden) =>
        Assert.Empty(new LinkedAssembly(assembly).Assemblies.Intersect(forbidden));

    [Fact]
    public void The_core_knows_no_clock_no_environment_and_no_Uri()
    {
        string[] forbidden = ["System.Environment", "System.Uri", "System.Diagnostics.Stopwatch", "System.Diagnostics.Process", "System.IO.File", "System.Net.Http.HttpClient"];
        Assert.Empty(new LinkedAssembly("Ark.Core").Types.Intersect(forbidden));
    }

    /// <summary>
    /// They use registry references, the text sanitizer, suggestions, the caller's variables and the C library's calls of the wire's
    /// project, and nothing that goes over the wire.
    /// </summary>
    [Theory]
    [InlineData("Ark.Core")]
    [InlineData("Ark.Aws")]
    [InlineData("Ark.Files")]
    public void Neither_frames_nor_the_daemons_address_are_known_here(string assembly) => Assert.DoesNotContain(
        new LinkedAssembly(assembly).Types,
        type => type.StartsWith("Ark.Wire.", StringComparison.Ordinal)
            && !type.StartsWith("Ark.Wire.Registries.", StringComparison.Ordinal)
            && type is not ("Ark.Wire.TextSanitizer" or "Ark.Wire.NearNames" or "Ark.Wire.CallerVariables" or "Ark.Wire.Secret"
                or "Ark.Wire.Libc" or "Ark.Wire.FileFacts" or "Ark.Wire.FileIdentity"));

    /// <summary>
    /// The umask is the whole process's: where one thread changes it for a moment, another makes a folder that nobody can enter.
    /// </summary>
    [Fact]
    public void Only_the_daemons_start_sets_the_umask() => Assert.Equal(
        [Repository.PathOf("src/arkd/Lifetime/Hardening.cs")],
        Directory.EnumerateFiles(Repository.PathOf("src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => File.ReadAllText(file).Contains("Libc.umask(", StringComparison.Ordinal)));

    /// <summary>If this fails the tests above prove nothing.</summary>
    [Fact]
    public void What_is_linked_can_be_seen()
    {
        Assert.Contains("Ark.Wire", new LinkedAssembly("Ark.Client").Assemblies);
        Assert.Contains("System.Security.Cryptography.CryptographicOperations", new LinkedAssembly("Ark.Client").Types);
    }
}
