using System.Diagnostics;
using System.Globalization;
using Ark.Cli.Clients;
using Ark.Cli.Files;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Cli;

/// <summary>Which files a client reads, and in which order: by its variables, and by the clients themselves where they are installed.</summary>
public sealed class ClientFileTests : IDisposable
{
    private readonly SomeUser _user = new();

    public ClientFileTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the paths of Unix");
        _user.Environment["XDG_RUNTIME_DIR"] = Directory.CreateDirectory(Path.Combine(_user.Home, "run")).FullName;
    }

    public void Dispose() => _user.Dispose();

    [Theory]
    [InlineData("docker", "", ".docker/config.json")]
    [InlineData("docker", "DOCKER_CONFIG=~/d", "d/config.json")]
    [InlineData("docker", "DOCKER_AUTH_CONFIG={}", "DOCKER_AUTH_CONFIG .docker/config.json")]
    [InlineData("oras", "DOCKER_AUTH_CONFIG={}", ".docker/config.json")]
    [InlineData("oras", "DOCKER_CONFIG=~/d", "d/config.json")]
    [InlineData("helm", "HELM_REGISTRY_CONFIG=~/h.json", "h.json .docker/config.json")]
    [InlineData("helm", "HELM_CONFIG_HOME=~/h", "h/registry/config.json .docker/config.json")]
    [InlineData("helm", "XDG_CONFIG_HOME=~/x", "x/helm/registry/config.json .docker/config.json")]
    [InlineData("podman", "XDG_CONFIG_HOME=~/x", "run/containers/auth.json x/containers/auth.json .docker/config.json .dockercfg")]
    [InlineData("skopeo", "REGISTRY_AUTH_FILE=~/r.json", "r.json .config/containers/auth.json .docker/config.json .dockercfg")]
    [InlineData("skopeo", "DOCKER_CONFIG=~/d", "run/containers/auth.json .config/containers/auth.json d/config.json .dockercfg")]
    [InlineData("podman", "DOCKER_CONFIG=~/d", "d/config.json .config/containers/auth.json .dockercfg")]
    [InlineData("buildah", "DOCKER_CONFIG=~/d", "d/config.json .config/containers/auth.json .dockercfg")]
    [InlineData("podman", "REGISTRY_AUTH_FILE=~/r.json", "r.json .config/containers/auth.json .docker/config.json .dockercfg")]
    [InlineData("docker of snap", "DOCKER_CONFIG=~/d", "snap/docker/current/.docker/config.json")]
    public void A_client_reads_its_files_in_its_order(string client, string variable, string files)
    {
        Assert.SkipWhen(OperatingSystem.IsMacOS() && files.StartsWith("run/", StringComparison.Ordinal), "there is no runtime directory");
        Set(variable);
        IEnumerable<string> read = FilesOf(client).Select(file => file.Name.Replace($"{_user.Home}/", "", StringComparison.Ordinal));
        Assert.Equal(files, string.Join(' ', read));
    }

    [Fact]
    public void Without_a_runtime_directory_skopeo_and_podman_have_one_each()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only there");
        _user.Environment.Remove("XDG_RUNTIME_DIR");
        string user = Ownership.User.ToString(CultureInfo.InvariantCulture);

        Assert.Equal(
            [$"/run/containers/{user}/auth.json", $"/run/user/{user}/containers/auth.json"],
            FilesOf("skopeo").Take(2).Select(file => file.Name));
    }

    [Fact]
    public void Files_of_another_environment_are_looked_through_too()
    {
        Set("REGISTRY_AUTH_FILE=~/r.json");
        Set("XDG_CONFIG_HOME=~/x");
        Set("DOCKER_CONFIG=~/d");

        string[] all = [.. new ClientFiles(Paths).All.Select(file => file.Name)];

        const string files = "r.json x/containers/auth.json d/config.json .docker/config.json .config/containers/auth.json";
        foreach (string file in files.Split(' '))
        {
            Assert.Contains($"{_user.Home}/{file}", all);
        }

        Assert.Equal(all.Distinct(), all);
    }

    /// <summary>
    /// Each file has a login with a user of its own, and the client tells which user it found. The first file is then removed, until none
    /// is left. Where a variable names the file, newer releases read that one alone.
    /// </summary>
    [Theory]
    [InlineData("skopeo", "")]
    [InlineData("skopeo", "XDG_CONFIG_HOME=~/x")]
    [InlineData("skopeo", "REGISTRY_AUTH_FILE=~/r.json")]
    [InlineData("buildah", "")]
    [InlineData("buildah", "REGISTRY_AUTH_FILE=~/r.json")]
    [InlineData("podman", "")]
    [InlineData("podman", "REGISTRY_AUTH_FILE=~/r.json")]
    [InlineData("podman", "DOCKER_CONFIG=~/d")]
    [InlineData("buildah", "DOCKER_CONFIG=~/d")]
    public void The_client_itself_reads_them_in_that_order(string client, string variable)
    {
        string? program = new UserPaths(Environment.GetEnvironmentVariable).FindProgram(client);
        Assert.SkipWhen(program is null, $"no {client} here");
        Set(variable);
        IReadOnlyList<ClientFile> files = FilesOf(client);
        foreach (ClientFile file in files)
        {
            string login = $$$"""{"{{{The.Host}}}":{"auth":"{{{The.Base64($"{UserIn(file)}:x")}}}"}}""";
            Directory.CreateDirectory(Path.GetDirectoryName(file.Name)!);
            File.WriteAllText(file.Name, file.IsOldFormat ? login : $$"""{"auths":{{login}}}""");
        }

        foreach (ClientFile file in variable.Length == 0 || variable.StartsWith("XDG", StringComparison.Ordinal) ? files : files.Take(1))
        {
            Assert.Equal($"{UserIn(file)}\n", LoginFoundBy(program!));
            File.Delete(file.Name);
        }
    }

    private string UserIn(ClientFile file) => file.Name[(_user.Home.Length + 1)..].Replace('/', '-');

    private UserPaths Paths => new(name => _user.Environment.GetValueOrDefault(name));

    private IReadOnlyList<ClientFile> FilesOf(string name) => new ClientFiles(Paths).Clients.Single(client => client.Name == name).Files;

    private void Set(string variable)
    {
        if (variable.Split('=', 2) is [var name, var value])
        {
            _user.Environment[name] = value.Replace("~", _user.Home, StringComparison.Ordinal);
        }
    }

    private string Written(string name, string content)
    {
        string path = Path.Combine(_user.Root, name);
        File.WriteAllText(path, content);
        return path;
    }

    private string LoginFoundBy(string program)
    {
        var start = new ProcessStartInfo(program, ["login", "--get-login", The.Host])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach ((string name, string value) in _user.Environment)
        {
            start.Environment[name] = value;
        }

        // podman makes its storage even to look up a login, and root's would be the system's.
        string made = Path.Combine(_user.Root, "made");
        start.Environment["CONTAINERS_STORAGE_CONF"] = Written(
            "storage.conf", $"[storage]\ndriver = \"vfs\"\ngraphroot = \"{made}/graph\"\nrunroot = \"{made}/run\"\n");
        start.Environment["CONTAINERS_CONF"] = Written(
            "containers.conf",
            $"[engine]\ntmp_dir = \"{made}/tmp\"\nstatic_dir = \"{made}/static\"\nvolume_path = \"{made}/volumes\"\n"
                + $"[network]\nnetwork_config_dir = \"{made}/network\"\n");
        start.Environment["TMPDIR"] = _user.Root;
        start.Environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
        using var process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error.Result);
        return output;
    }
}
