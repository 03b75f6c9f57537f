using System.CommandLine;
using System.Text;
using Ark.Cli.Clients;
using Ark.Cli.Credentials;
using Ark.Cli.Docker;
using Ark.Cli.Files;
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
        Options.Flag("--https-alias", "register https://HOST too, which docker-py looks up to log in");

    private readonly Option<bool> _credsStore =
        Options.Flag("--creds-store", "make ark docker's credsStore; other registries stay with the store that docker has now");

    private readonly Option<bool> _undo = Options.Flag("--undo", "undo what setup did");

    public Command ToCommand()
    {
        var command = new CommandWithExamples("setup", "make docker use ark for registry passwords", """
            Examples:
              ark setup 123456789012.dkr.ecr.us-east-1.amazonaws.com
              ark setup --host 123456789012.dkr.ecr.us-east-1.amazonaws.com --organization acme
              ark setup --creds-store --dry-run
              ark setup --remove-stale-tokens
              ark setup --undo

            Without a host it registers those of the configuration. A host that ark does not serve is refused. It edits
            "credHelpers" in $DOCKER_CONFIG/config.json or ~/.docker/config.json and keeps every other byte. The previous file is
            kept beside it as config.json.ark-backup until --undo. What was done is recorded in
            ${XDG_STATE_HOME:-~/.local/state}/ark/setup.json, on Windows in %LOCALAPPDATA%\ark\setup.json. Docker Hub is registered
            only when named.

            --organization registers docker-credential-ark-ORG, a link beside docker-credential-ark, so that this organization is
            used for the hosts whatever ark use says. --creds-store writes the store that docker has now into the configuration as
            "fallbackHelper": logins for other registries are still found, saved and removed there. --remove-stale-tokens without
            a host removes ECR tokens that have expired from the files of docker, podman, skopeo, buildah and helm, and does
            nothing else.
            """) { _hosts, _organization, _httpsAlias, _credsStore, _dryRun, _yes, _replace, _removeTokens, _removeFrozen, _undo, _positional };
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult options)
    {
        paths.RefuseAnotherUsers();
        var file = new DockerConfigFile(paths.DockerConfig, paths.SetupState);
        bool namesHosts = options.GetValue(_hosts) is [_, ..] || options.GetValue(_positional) is [_, ..];
        using DirectoryLock? turn = options.GetValue(_undo) || RemovesTokens(options) ? DirectoryLock.Take(paths.Home) : null;
        return options.GetValue(_undo) ? Undo(file.Reloaded(), options.GetValue(_dryRun))
            : RemovesTokens(options) && !namesHosts && !options.GetValue(_credsStore) ? RemoveStaleTokens(options.GetValue(_dryRun))
            : SetUp(file, options);
    }

    private int SetUp(DockerConfigFile file, ParseResult options)
    {
        var config = DockerConfig.Parse(file.Read() ?? [], file.Path);
        SetupRequest request = Request(options, config);
        OverrideWarnings.Print(request.Hosts, [file.Path], paths, terminal);

        SetupPlan plan = SetupPlan.For(file, request);
        if (plan.ChangesNothing)
        {
            terminal.WriteLine($"nothing to do: docker uses ark already ({file.Path})");
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
            file.Apply(plan);
        }

        Report(plan, file);
        return 0;
    }

    /// <summary>Removes tokens that are over, wherever clients keep logins. Nothing else is looked at, so that it needs no configuration.</summary>
    private int RemoveStaleTokens(bool dryRun)
    {
        List<FoundToken> dead = [.. StaleTokens.Find(paths, clock.GetUtcNow()).Where(token => token.IsDead)];
        IReadOnlyList<TokenRemoval> removals = dryRun ? [.. dead.Select(token => new TokenRemoval(token, null))] : StaleTokens.Remove(dead);
        bool failed = false;
        foreach ((FoundToken token, UserError? problem) in removals)
        {
            string what = $"the ECR token for {token.Key}, which expired at {Lifetime.Instant(token.ExpiresAt)}";
            if (!token.CanBeRemoved)
            {
                terminal.Warn($"the variable {token.File.Name} has {what}", $"unset {token.File.Name}");
            }
            else if (problem is null)
            {
                terminal.WriteLine($"{(dryRun ? "would remove" : "removed")} {what}, from {token.File.Name} ({token.Client})");
            }
            else
            {
                failed = true;
                terminal.Warn($"{what}, stays: {problem.Message}", problem.Problem.Hint!);
            }
        }

        if (removals.Count == 0)
        {
            terminal.WriteLine("no ECR token that has expired is in any client's file");
        }

        return failed ? 1 : 0;
    }

    private SetupRequest Request(ParseResult options, DockerConfig config)
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
        string? name = organization is null ? null : configuration!.Find(organization).Name;
        SetupChecks.RefuseOtherHelpers(config, keys, options.GetValue(_replace));
        if (takesStore && config.CredsStore is { } store && paths.FindProgram($"docker-credential-{store}") is null)
        {
            terminal.Warn(
                $"there is no docker-credential-{store} on PATH, so that logins for other registries are not found, with ark or without it",
                $"install it, or remove \"credsStore\" from {config.Path}");
        }

        return new SetupRequest
        {
            Hosts = keys,
            Helper = name is null ? SetupPlan.Helper : $"{SetupPlan.Helper}-{name}",
            Link = name is null ? null : HelperLink.For(name, paths),
            TakesStore = takesStore,
            FallbackHelper = takesStore ? new CredsStoreMigration(config, configuration!, paths).Plan() : null,
            SystemStore = paths.SystemStore,
            RemovedTokens = TokensToRemove(options, config, hosts),
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
    private List<string> TokensToRemove(ParseResult options, DockerConfig config, List<string> hosts)
    {
        StoredLogin[] stored = [.. hosts.SelectMany(config.StoredLogins).DistinctBy(login => login.Key)];
        foreach (StoredLogin other in stored.Where(login => !login.IsEcrToken))
        {
            terminal.Warn(
                $"docker's file holds a password for {other.Key}; docker uses ark instead of it from now on, and some programs do not",
                $"once ark serves it, remove it with: docker logout {other.Key}");
        }

        List<string> tokens = [.. stored.Where(login => login.IsEcrToken).Select(login => login.Key)];
        if (tokens.Count == 0 || RemovesTokens(options))
        {
            return tokens;
        }

        terminal.Warn(
            $"docker's file holds an ECR token for {string.Join(", ", tokens)}; some programs use that old token instead of a fresh one",
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
        terminal.WriteLine(plan.Original is null
            ? $"wrote {file.Path}; ark setup --undo removes it"
            : $"wrote {file.Path}; the previous file, with its logins, is kept as {backup} until ark setup --undo");
        if (plan.Request.FallbackHelper is { } change)
        {
            terminal.WriteLine($"wrote {change.Configuration.Path}; {change.Store} still serves all other registries");
        }

        if (plan.KeptStore is { } store)
        {
            terminal.WriteLine($"docker keeps all other logins in {store}, as it would without ark");
        }

        if (plan.Request.TakesStore)
        {
            terminal.Note("podman, skopeo and buildah read no credsStore; for them: ark setup --host HOST");
        }

        if (plan.Request.RemovedTokens.Count > 0)
        {
            terminal.WriteLine("the ECR tokens are removed for good: the backup does not hold them and --undo does not restore them");
        }
    }

    /// <summary>The exact original if nobody else wrote the file since, else only what is ours is removed.</summary>
    private int Undo(DockerConfigFile file, bool dryRun)
    {
        if (file.Edited is not { } edited)
        {
            terminal.WriteLine($"nothing to undo: setup did not change {file.Path}");
        }
        else
        {
            byte[]? current = file.Read();
            DockerConfig? original = SetupPlan.OriginalOf(current, edited, file.ReadBackup(), file.Path);
            string outcome = Outcome(current, original is null, edited.Wrote(current ?? []));
            List<string> others = OtherOutcomes(file);
            if (dryRun)
            {
                others.ForEach(line => terminal.WriteLine($"would: {line}"));
                terminal.WriteLine($"would leave {file.Path} {outcome}; nothing was written");
                return 0;
            }

            file.Restore(original?.Bytes);
            terminal.WriteLine($"{file.Path} is {outcome}");
            others.ForEach(terminal.WriteLine);
        }

        foreach (string other in file.OthersEdited)
        {
            terminal.WriteLine($"also set up: {other}; undo it with: DOCKER_CONFIG={Path.GetDirectoryName(other)} ark setup --undo");
        }

        return 0;
    }

    private static string Outcome(byte[]? current, bool removes, bool untouched) => (current, removes, untouched) switch
    {
        (null, _, _) => "absent: somebody else removed it",
        (_, true, _) => "removed, as there was none before setup",
        (_, false, true) => "as it was before setup",
        (_, false, false) => "without ark; changes that others made since are kept",
    };

    /// <summary>What undo does beside docker's file, as sentences that are true afterwards.</summary>
    private static List<string> OtherOutcomes(DockerConfigFile docker)
    {
        List<string> lines = [.. docker.OwnLinks.Select(link => $"{link.Path} is removed")];
        if (docker.OwnConfiguration is { } configuration)
        {
            var file = new FallbackHelperEdit(configuration.Path);
            byte[]? original = file.Original(configuration);
            lines.Insert(0, $"{configuration.Path} is " + (original is null ? "removed"
                : original.AsSpan().SequenceEqual(file.Read()) ? "left as it is: its fallbackHelper was changed since"
                : "without its fallbackHelper"));
        }

        return lines;
    }
}
