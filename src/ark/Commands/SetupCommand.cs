using System.CommandLine;
using System.Text;
using Ark.Cli.Clients;
using Ark.Cli.Credentials;
using Ark.Cli.Docker;
using Ark.Cli.Files;
using Ark.Cli.Help;
using Ark.Cli.Output;
using Ark.Cli.Queries;
using Ark.Files;
using Ark.Messages;
using Ark.Wire;

namespace Ark.Cli.Commands;

/// <summary><c>ark setup</c>: makes docker use ark for some hosts, and undoes that.</summary>
internal sealed class SetupCommand(DaemonQueries queries, Terminal terminal, UserPaths paths, TimeProvider clock)
{
    private readonly Option<string[]> _hosts = new("--host") { Description = "a registry host; may be repeated", HelpName = "HOST" };
    private readonly Option<bool> _dryRun = Options.Flag("--dry-run", "show what would change and write nothing");
    private readonly Option<bool> _yes = Options.Flag("--yes", "write without asking", "-y");
    private readonly Option<bool> _replace = Options.Flag("--replace", "replace other credential helpers of these hosts");
    private readonly Option<bool> _removeTokens = Options.Flag(
        "--remove-stale-tokens", "remove ECR tokens that logins wrote into files; without a host, those that have expired");

    // What the option was called in 0.1.
    private readonly Option<bool> _removeFrozen = new("--remove-frozen-tokens") { Hidden = true };

    private readonly Argument<string[]> _positional = new("host")
    {
        Description = "a registry host, its address, or an image on it",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> _organization =
        Options.Text("--organization", "ORG", "the organization that serves these hosts, by name or id", "-o");

    private readonly Option<bool> _httpsAlias =
        Options.Flag("--https-alias", "register https://HOST too, for programs that look that up");

    private readonly Option<bool> _credsStore =
        Options.Flag("--creds-store", "make ark docker's credsStore; other registries stay with the store that docker has now");

    private readonly Option<string[]> _for = new("--for")
    {
        Description = "for these clients, in files of their own: docker, podman, skopeo, buildah, helm, oras",
        HelpName = "CLIENT,…",
    };

    private readonly Option<bool> _undo = Options.Flag("--undo", "undo what setup did");

    public Command ToCommand()
    {
        var command = new CommandWithExamples("setup", "make docker use ark for registry passwords", """
            Examples:
              ark setup 123456789012.dkr.ecr.us-east-1.amazonaws.com
              ark setup --host 123456789012.dkr.ecr.us-east-1.amazonaws.com --organization acme
              ark setup --creds-store --dry-run
              ark setup --for podman,helm 123456789012.dkr.ecr.us-east-1.amazonaws.com
              ark setup --remove-stale-tokens
              ark setup --undo

            Without a host it registers those of the configuration. A host that ark does not serve is refused. It edits
            "credHelpers" in $DOCKER_CONFIG/config.json or ~/.docker/config.json and keeps every other byte. The previous file is
            kept beside it as config.json.ark-backup until --undo. What was done is recorded in
            ${XDG_STATE_HOME:-~/.local/state}/ark/setup.json, on Windows in %LOCALAPPDATA%\ark\setup.json. Docker Hub is registered
            only when named.

            podman, skopeo, buildah, helm and oras read docker's file too, most of them after files of their own. --for registers
            the hosts in the file that a client reads for itself: $REGISTRY_AUTH_FILE or containers/auth.json in the user's
            configuration directory, and helm's registry/config.json. --undo undoes all of them.

            --organization registers docker-credential-ark-ORG, a link beside docker-credential-ark, so that this organization is
            used for the hosts whatever ark use says. --creds-store writes the store that docker has now into the configuration as
            "fallbackHelper": logins for other registries are still found, saved and removed there. --remove-stale-tokens without
            a host removes ECR tokens that have expired from the files of docker, podman, skopeo, buildah and helm, and does
            nothing else.
            """)
        {
            _hosts, _organization, _for, _httpsAlias, _credsStore, _dryRun, _yes, _replace, _removeTokens, _removeFrozen, _undo, _positional,
        };
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult options)
    {
        paths.RefuseAnotherUsers();
        var files = new ClientFiles(paths);
        IReadOnlyList<ClientFile>? named = options.GetValue(_for) is { Length: > 0 } clients ? files.Targets(clients) : null;
        bool namesHosts = options.GetValue(_hosts) is [_, ..] || options.GetValue(_positional) is [_, ..];
        bool dryRun = options.GetValue(_dryRun);
        using DirectoryLock? turn = options.GetValue(_undo) || RemovesTokens(options) ? DirectoryLock.Take(paths.Home) : null;
        return options.GetValue(_undo) ? new SetupUndo(terminal, paths).Run(named, dryRun)
            : RemovesTokens(options) && named is null && !namesHosts && !options.GetValue(_credsStore)
                ? new StaleTokenRemoval(terminal, paths, clock).Run(dryRun)
            : SetUp(named ?? files.Targets(["docker"]), options);
    }

    private int SetUp(IReadOnlyList<ClientFile> targets, ParseResult options)
    {
        List<DockerConfigFile> files =
            [.. targets.Select(target => new DockerConfigFile(target.Name, paths.SetupState, target.Client))];
        List<DockerConfig> configs = [.. files.Select(file => DockerConfig.Parse(file.Read() ?? [], file.Path))];
        if (options.GetValue(_credsStore) && files.Exists(file => !file.IsDockers))
        {
            throw new UserError("--creds-store is for docker's file", "run it without --for");
        }

        HostsToServe wanted = Wanted(options);
        List<SetupRequest> requests = [.. files.Zip(configs, (file, config) => Request(file, config, wanted, options))];
        bool removesTokens = RemovesTokens(options);
        void Warn() => OverrideWarnings.Print(wanted.Keys, files.Select(file => file.Path), clock.GetUtcNow(), paths, terminal);
        if (!removesTokens)
        {
            Warn();
        }

        List<SetupPlan> plans = [.. files.Zip(requests, SetupPlan.For)];
        if (!plans.TrueForAll(plan => plan.ChangesNothing))
        {
            new ClientFiles(paths).Installed().ForEach(terminal.WriteLine);
        }

        int exitCode = files.Zip(configs, plans).Max(edit => SetUp(edit.First, edit.Second, edit.Third, options));
        if (removesTokens)
        {
            // Those of other clients' files as well: one that comes first there keeps its client from asking ark.
            exitCode = exitCode != 0 ? exitCode
                : new StaleTokenRemoval(terminal, paths, clock).Run(options.GetValue(_dryRun), wanted.Hosts);
            Warn();
        }

        return exitCode;
    }

    private int SetUp(DockerConfigFile file, DockerConfig config, SetupPlan plan, ParseResult options)
    {
        SetupRequest request = plan.Request;
        if (plan.ChangesNothing)
        {
            terminal.Say($"nothing to do: {file.ClientUses} ark already ({file.Path})");
            return 0;
        }

        SetupPreview.Lines(plan, file.Path).ForEach(terminal.WriteLine);
        foreach (string host in SetupChecks.ServedByAws(config, request.Hosts))
        {
            terminal.Note($"ark takes the place of AWS's docker-credential-{config.HelperOf(host)} for {host}; --undo restores it");
        }

        bool dryRun = options.GetValue(_dryRun);
        if (dryRun || !MayWrite(options, file.Path))
        {
            terminal.WriteLine("nothing was written");
            return dryRun ? 0 : 1;
        }

        using (RemovesTokens(options) ? null : DirectoryLock.Take(paths.Home))
        {
            // Where nobody was asked, what others wrote meanwhile is no surprise, and the same is done to it.
            plan = options.GetValue(_yes) ? SetupPlan.For(file.Reloaded(), request) : plan;
            file.Apply(plan, plan.Request.TakesStore && config.CredsStore is { } store ? () => Prove(store) : null);
        }

        Report(plan, file);
        return 0;
    }

    /// <summary>
    /// A login of the store must come through the daemon, which has neither this terminal nor this user's PATH: the first one of a registry
    /// that ark does not serve by itself, since AWS's answer for its own would say nothing of the store.
    /// </summary>
    private void Prove(string store)
    {
        string? login = new CredentialStore(store, paths).Logins.FirstOrDefault(each => queries.Explain(each).State == "not-served");
        if (login is null)
        {
            return;
        }

        Reply reply = queries.Ask(Verb.Get, login);
        if (reply.ExitCode != 0)
        {
            terminal.WriteErrorLines(reply.Stderr);
            throw new UserError(
                $"the login for {login} does not come out of {store} through ark, so nothing was changed",
                "ark logs may say more; hosts can be registered one by one instead: ark setup HOST");
        }
    }

    private HostsToServe Wanted(ParseResult options)
    {
        List<string> named =
            [.. (options.GetValue(_hosts) ?? []).Concat(options.GetValue(_positional) ?? []).Select(RegistryHost.Parse).Distinct()];
        string? organization = options.GetValue(_organization);
        bool takesStore = options.GetValue(_credsStore);
        if (organization is not null && (takesStore || named.Count == 0))
        {
            throw new UserError("--organization needs a host and excludes --creds-store", "name a host, and run --creds-store separately");
        }

        // As a store ark is asked for every host that has no helper of its own, so there is nothing to register host by host.
        List<string> hosts = named.Count > 0 || takesStore ? named : ConfiguredHosts();
        SetupChecks.RefuseUnserved(queries, hosts, organization);
        List<string> keys = options.GetValue(_httpsAlias) ? [.. hosts.SelectMany(RegistryHost.WithAlias)] : hosts;
        OrganizationsReport? configuration = takesStore || organization is not null ? queries.Organizations() : null;
        return new HostsToServe(hosts, keys, organization is null ? null : configuration!.Find(organization).Name, configuration);
    }

    private SetupRequest Request(DockerConfigFile file, DockerConfig config, HostsToServe wanted, ParseResult options)
    {
        bool takesStore = options.GetValue(_credsStore);
        SetupChecks.RefuseOtherHelpers(config, wanted.Keys, options.GetValue(_replace));
        if (takesStore && config.CredsStore is { } store && new CredentialStore(store, paths) is { Program: null })
        {
            terminal.Warn(
                $"there is no docker-credential-{store} on PATH, so that logins for other registries are not found, with ark or without it",
                $"install it, or remove \"credsStore\" from {config.Path}");
        }
        else if (takesStore)
        {
            new CredentialStore(config.CredsStore, paths).Try();
        }

        return new SetupRequest
        {
            Hosts = wanted.Keys,
            Helper = wanted.Organization is { } name ? $"{SetupPlan.Helper}-{name}" : SetupPlan.Helper,
            Link = wanted.Organization is { } linked ? HelperLink.For(linked, paths) : null,
            TakesStore = takesStore,
            FallbackHelper = takesStore ? new CredsStoreMigration(config, wanted.Configuration!, paths).Plan() : null,
            SystemStore = file.KnowsStores ? paths.SystemStore : null,
            RemovedTokens = TokensToRemove(options, file, config, wanted.Hosts),
        };
    }

    private List<string> ConfiguredHosts()
    {
        Reply reply = queries.Ask(Verb.Hosts);
        if (reply.ExitCode != 0)
        {
            terminal.WriteErrorLines(reply.Stderr);
            throw new UserError("the hosts of the configuration are not available", "name them with --host");
        }

        List<string> hosts =
        [
            .. Encoding.UTF8.GetString(reply.Stdout)
                .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Where(host => !RegistryHost.IsDockerHub(host))
                .Select(RegistryHost.Parse).Distinct(),
        ];
        return hosts.Count > 0
            ? hosts
            : throw new UserError(
                "no host was named and the configuration has none",
                "name one: ark setup --host 123456789012.dkr.ecr.us-east-1.amazonaws.com");
    }

    /// <summary>ECR's tokens go; any other login may be the only copy of somebody's password, and is told of.</summary>
    private List<string> TokensToRemove(ParseResult options, DockerConfigFile file, DockerConfig config, List<string> hosts)
    {
        string place = file.IsDockers ? "docker's file" : file.Path;
        StoredLogin[] stored = [.. hosts.SelectMany(config.StoredLogins).DistinctBy(login => login.Key)];
        foreach (StoredLogin other in stored.Where(login => !login.IsEcrToken))
        {
            terminal.Warn(
                $"{place} holds a password for {other.Key}; {file.ClientUses} ark instead of it from now on, and some programs do not",
                $"once ark serves it: {new ClientFile(file.Client, file.Path).LogoutOf(other.Key)}");
        }

        List<string> tokens = [.. stored.Where(login => login.IsEcrToken).Select(login => login.Key)];
        if (tokens.Count == 0 || RemovesTokens(options))
        {
            return tokens;
        }

        terminal.Warn(
            $"{place} holds an ECR token for {string.Join(", ", tokens)}; some programs use that old token instead of a fresh one",
            "to remove it: ark setup --remove-stale-tokens");
        bool asks = terminal.CanAsk && !options.GetValue(_yes) && !options.GetValue(_dryRun);
        return asks && terminal.Ask("remove it for good?") ? tokens : [];
    }

    private bool RemovesTokens(ParseResult options) => options.GetValue(_removeTokens) || options.GetValue(_removeFrozen);

    private bool MayWrite(ParseResult options, string path) =>
        options.GetValue(_yes)
            || (terminal.CanAsk
                ? terminal.Ask($"write this to {path}?")
                : throw new UserError("refusing to write without confirmation", "add --yes, or --dry-run to look first"));

    private void Report(SetupPlan plan, DockerConfigFile file)
    {
        string backup = Path.GetFileName(file.BackupPath);
        terminal.Say(plan.Original is null
            ? $"wrote {file.Path}; ark setup --undo removes it"
            : $"wrote {file.Path}; the previous file, with its logins, is kept as {backup} until ark setup --undo");
        if (plan.Request.FallbackHelper is { } change)
        {
            terminal.Say($"wrote {change.Configuration.Path}; {change.Store} still serves all other registries");
        }

        if (plan.KeptStore is { } store)
        {
            terminal.Say($"{file.Client} keeps all other logins in {store}, as it would without ark");
        }

        if (plan.Request.TakesStore)
        {
            terminal.Note("podman, skopeo and buildah read no credsStore; for them: ark setup --host HOST");
        }

        if (plan.Request.RemovedTokens.Count > 0)
        {
            terminal.Say("the ECR tokens are removed for good: the backup does not hold them and --undo does not restore them");
        }
    }

    /// <summary>What is to be registered, whichever files it goes to.</summary>
    /// <param name="Hosts">The registries.</param>
    /// <param name="Keys">The same as they are written, with their aliases.</param>
    /// <param name="Organization">The name of the one that serves them, or null.</param>
    /// <param name="Configuration">What the configuration has, where it is needed.</param>
    private sealed record HostsToServe(List<string> Hosts, List<string> Keys, string? Organization, OrganizationsReport? Configuration);
}
