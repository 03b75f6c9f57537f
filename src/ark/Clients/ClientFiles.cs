using System.Globalization;
using System.Text;
using Ark.Cli.Credentials;
using Ark.Cli.Docker;
using Ark.Cli.Files;
using Ark.Cli.Output;
using Ark.Wire;

namespace Ark.Cli.Clients;

/// <summary>
/// Which files each client reads to find a login, in its own order, by the environment alone. What a client was seen to read is in
/// <c>src/docs/clients</c>.
/// </summary>
internal sealed class ClientFiles(UserPaths paths)
{
    private const string AuthConfig = "DOCKER_AUTH_CONFIG";
    private const string ConfigFile = "config.json";
    private const string OfContainers = "podman, skopeo and buildah";

    private readonly ClientFile _docker = new("docker", paths.DockerConfig);

    /// <summary>The clients whose files are known, whether they are installed or not.</summary>
    public IReadOnlyList<Client> Clients =>
    [
        new Client("docker", [.. Variable, _docker], _docker),
        new Client("podman", Containers(NamedOrDockers), Target(NamedOrDockers)),
        new Client("skopeo", Containers(Named), Target(Named)),
        new Client("buildah", Containers(NamedOrDockers), Target(NamedOrDockers)),
        new Client("helm", [.. Helm, _docker], Helm.FirstOrDefault()),
        new Client("oras", [_docker], _docker),

        new Client(Snap, Below(Snap, "snap", "docker", "current", ".docker", ConfigFile), null),
    ];

    /// <summary>
    /// All files in which a login can be, each once: those that are read now, and those that would be without this environment, in which
    /// another shell left a login.
    /// </summary>
    public IEnumerable<ClientFile> All =>
        Clients.SelectMany(static client => client.Files)
            .Concat(Runtime).Concat(ContainersConfig)
            .Concat(Below("docker", ".docker", ConfigFile)).Concat(Below(OfContainers, ".config", "containers", "auth.json"))
            .DistinctBy(static file => file.Name);

    /// <summary>
    /// The file of the docker on PATH where that is a snap; null otherwise. It runs confined, and executes no helper from outside.
    /// </summary>
    public ClientFile? Confined =>
        paths.FindProgram("docker") is { } docker && Path.GetDirectoryName(docker)!.EndsWith("/snap/bin", StringComparison.Ordinal)
            && Clients[^1].Files is [var file] ? file : null;

    /// <summary>What all of them say now; null for one that says nothing, or that cannot be read or understood.</summary>
    public Dictionary<string, DockerConfig?> Read() => All.ToDictionary(static file => file.Name, static file => file.TryRead());

    /// <summary>The clients that take the login under this key of the file, without asking a helper or a store before it.</summary>
    public IEnumerable<Client> UsersOf(ClientFile file, string key, Dictionary<string, DockerConfig?> contents)
    {
        string host = RegistryHost.OfKey(key);
        return from client in Clients
               let before = client.Files.TakeWhile(each => each.Name != file.Name).ToList()
               where before.Count < client.Files.Count
               let asked = before.Append(file).Select(each => contents[each.Name])
               where !asked.Any(config => config?.HelperOf(host) is { Length: > 0 })
               where !(client.AsksStore && contents[file.Name]?.CredsStore is not null)
               select client;
    }

    /// <summary>The files in which setup registers for clients, each once.</summary>
    /// <param name="names">Clients, also several in one text with commas between them.</param>
    /// <exception cref="UserError">One is not known, or its file cannot be found.</exception>
    public IReadOnlyList<ClientFile> Targets(IEnumerable<string> names)
    {
        var targets = new List<ClientFile>();
        foreach (string name in names.SelectMany(static text => text.Split(',', StringSplitOptions.TrimEntries)))
        {
            List<Client> able = [.. Clients.Where(static client => client.Name != Snap)];
            Client client = able.Find(client => client.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                ?? throw new UserError($"--for knows no client \"{name}\"", $"name some of {Client.Names(able)}");
            targets.Add(client.Target
                ?? throw new UserError(
                    $"{name}'s file cannot be found without a home directory", "set HOME, or the variable that names the file"));
        }

        return [.. targets.DistinctBy(static file => file.Name)];
    }

    /// <summary>
    /// What the clients on PATH read, in their order, for people. Nothing where all of them read docker's file and no other: that is told
    /// anyway.
    /// </summary>
    public List<string> Installed()
    {
        var lines = new List<string>();
        bool isConfined = Confined is not null;
        bool IsInstalled(Client client) => client.Name == Snap ? isConfined
            : paths.FindProgram(client.Name) is not null && !(isConfined && client.Name == "docker");
        List<Client> installed = [.. Clients.Where(IsInstalled)];
        if (installed.TrueForAll(client => client.Files is [var only] && only.Name == _docker.Name))
        {
            return lines;
        }

        foreach (IGrouping<string, Client> same in installed
            .GroupBy(static client => string.Join('\n', client.Files.Select(static file => file.Name))))
        {
            List<Client> clients = [.. same];
            IEnumerable<string> files = clients[0].Files.Select(static file =>
                file.Path is null || File.Exists(file.Name) ? file.Name : $"{file.Name} (absent)");
            string reads = (clients.Count > 1 ? "read" : "reads") + (clients[0].Files.Count > 1 ? ", in this order" : "");
            lines.Add($"{Client.Names(clients)} {reads}: {string.Join(", ", files)}");
        }

        return lines;
    }

    private static string Snap => "docker of snap";

    private ClientFile[] Variable =>
        paths.Set(AuthConfig) is { } text ? [new ClientFile("docker", AuthConfig) { Text = Encoding.UTF8.GetBytes(text) }] : [];

    /// <summary>What podman, skopeo and buildah read. Where a variable names the first file, newer releases stop after it.</summary>
    private ClientFile[] Containers(ClientFile[]? named) =>
    [
        .. (named ?? Runtime).Concat(ContainersConfig).Append(_docker)
            .Concat(Below("docker before 1.7", ".dockercfg").Select(static file => file with { IsOldFormat = true }))
            .DistinctBy(static file => file.Name),
    ];

    /// <summary>Where setup registers for them: the first file that is still there after the machine was started anew.</summary>
    private ClientFile? Target(ClientFile[]? named) => (named ?? ContainersConfig).FirstOrDefault();

    /// <summary>With <c>DOCKER_CONFIG</c>, podman and buildah take docker's file for their own; skopeo does for its logins alone.</summary>
    private ClientFile[]? NamedOrDockers => Named ?? (paths.Set("DOCKER_CONFIG") is null ? null : [_docker]);

    private ClientFile[]? Named =>
        paths.Set("REGISTRY_AUTH_FILE") is { } named ? [new ClientFile(OfContainers, Path.GetFullPath(named))] : null;

    private ClientFile[] ContainersConfig =>
        (paths.Absolute("XDG_CONFIG_HOME") ?? paths.InHome(".config")) is { } config
            ? [new ClientFile(OfContainers, Path.Combine(config, "containers", "auth.json"))]
            : [];

    /// <summary>
    /// Without <c>XDG_RUNTIME_DIR</c>, skopeo and buildah take a directory of their own, and podman the one that the system made at login.
    /// </summary>
    private ClientFile[] Runtime
    {
        get
        {
            if (!OperatingSystem.IsLinux())
            {
                return [];
            }

            string user = Ownership.User.ToString(CultureInfo.InvariantCulture);
            string[] files = paths.Set("XDG_RUNTIME_DIR") is { } runtime
                ? [Path.GetFullPath(Path.Combine(runtime, "containers", "auth.json"))]
                : [$"/run/containers/{user}/auth.json", $"/run/user/{user}/containers/auth.json"];
            return [.. files.Select(static file => new ClientFile(OfContainers, file))];
        }
    }

    private ClientFile[] Helm => paths.Set("HELM_REGISTRY_CONFIG") is { } named ? [new ClientFile("helm", Path.GetFullPath(named))]
        : HelmDirectory is { } directory ? [new ClientFile("helm", Path.Combine(directory, "registry", ConfigFile))]
        : [];

    private string? HelmDirectory => paths.Set("HELM_CONFIG_HOME") is { } own ? Path.GetFullPath(own)
        : paths.Set("XDG_CONFIG_HOME") is { } config ? Path.GetFullPath(Path.Combine(config, "helm"))
        : OperatingSystem.IsMacOS() ? paths.InHome("Library", "Preferences", "helm")
        : OperatingSystem.IsWindows() ? paths.Set("APPDATA") is { } roaming ? Path.Combine(roaming, "helm") : null
        : paths.InHome(".config", "helm");

    private ClientFile[] Below(string client, params string[] parts) =>
        paths.InHome(parts) is { } path ? [new ClientFile(client, path)] : [];
}

/// <summary>A program that asks for logins.</summary>
/// <param name="Name">Its name, for people; where it has no blank, the program's too.</param>
/// <param name="Files">What it reads, in its order.</param>
/// <param name="Target">The file in which setup registers for it; null where it could not run the helper.</param>
internal sealed record Client(string Name, IReadOnlyList<ClientFile> Files, ClientFile? Target)
{
    /// <summary>Whether it asks the <c>credsStore</c> of a file before it looks at the logins in it.</summary>
    public bool AsksStore => Name is not ("podman" or "skopeo" or "buildah");

    /// <summary>Several, as a sentence names them.</summary>
    public static string Names(IReadOnlyList<Client> clients) =>
        string.Join(", ", clients.SkipLast(1).Select(static client => client.Name)) is { Length: > 0 } first
            ? $"{first} and {clients[^1].Name}"
            : clients[^1].Name;
}

/// <summary>A file, or a variable with the text of one, in which clients look for logins.</summary>
/// <param name="Client">Whose it is, for people; others may read it too.</param>
/// <param name="Name">The file's path, or the variable's name.</param>
internal sealed record ClientFile(string Client, string Name)
{
    /// <summary>What the variable says; null for a file.</summary>
    public byte[]? Text { get; init; }

    /// <summary>Where the file is, or would be; null for a variable.</summary>
    public string? Path => Text is null ? Name : null;

    /// <summary>True for the file of docker's first years, in which logins stand at the root.</summary>
    public bool IsOldFormat { get; init; }

    /// <summary>How one login is removed from it. Only docker's own logout finds keys that are written as addresses.</summary>
    public string LogoutOf(string key) => Path is null ? $"unset {Name}"
        : Client == "docker" ? $"docker logout {key}"
        : key.Contains("://", StringComparison.Ordinal) ? $"remove \"{key}\" from \"auths\" in {Name}"
        : Client == "helm" ? $"helm registry logout {key}"
        : $"podman logout --authfile {Name} {key}";

    /// <summary>What it says now; null where there is nothing.</summary>
    /// <exception cref="UserError">It cannot be understood, or is no ordinary file.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public DockerConfig? Read() => (Text ?? SafeFile.Read(Name)) is not { } bytes ? null
        : IsOldFormat ? DockerConfig.ParseOldFormat(bytes, Name)
        : DockerConfig.Parse(bytes, Name);

    /// <summary>The same, and null too where it cannot be read or understood: it is another program's.</summary>
    public DockerConfig? TryRead()
    {
        try
        {
            return Read();
        }
        catch (Exception e) when (e is UserError or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
