using System.CommandLine;
using System.Text;
using Ark.Cli.Configuration;
using Ark.Cli.Docker;
using Ark.Cli.Output;
using Ark.Client;
using Ark.Wire;

namespace Ark.Cli.Commands;

/// <summary><c>ark setup</c>: makes docker ask ark for some hosts, and takes that back.</summary>
internal sealed class SetupCommand(IDaemon daemon, Terminal terminal, UserPaths paths)
{
    private readonly Option<string[]> _hosts = new("--host") { Description = "a registry host to register; may be given again", HelpName = "HOST" };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "show what would change and write nothing" };
    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "write without asking" };
    private readonly Option<bool> _replace = new("--replace") { Description = "take over hosts that another helper serves" };
    private readonly Option<bool> _removeFrozen = new("--remove-frozen-tokens")
    {
        Description = "remove logins for these hosts that are stored in docker's file",
    };

    private readonly Option<string?> _organization = new("--organization", "-o") { Description = "the organization that answers for these hosts, by name or id", HelpName = "ORG" };
    private readonly Option<bool> _httpsAlias = new("--https-alias") { Description = "register https://HOST as well, which docker-py looks up to log in" };
    private readonly Option<bool> _credsStore = new("--creds-store") { Description = "let docker ask ark for every host; the store from before goes on serving the others" };
    private readonly Option<bool> _undo = new("--undo") { Description = "take back what setup did" };

    public Command ToCommand()
    {
        var command = new HelpExamples("setup", "make docker ask ark for registry passwords", $$"""
            Examples:
              ark setup --host 123456789012.dkr.ecr.us-east-1.amazonaws.com
              ark setup --host 123456789012.dkr.ecr.us-east-1.amazonaws.com --organization acme
              ark setup --creds-store --dry-run
              ark setup --undo

            Without --host it registers the hosts that the configuration binds. It edits "credHelpers" in
            $DOCKER_CONFIG/config.json or ~/.docker/config.json and keeps every other byte; the file as it was
            stays beside it as config.json.ark-backup until --undo. What was done is noted in
            ${XDG_STATE_HOME:-~/.local/state}/ark/setup.json, on Windows %LOCALAPPDATA%\ark\setup.json.
            Docker Hub is only touched when named: --host {{RegistryHost.DockerHub}}

            --organization gives the hosts to docker-credential-ark-ORG, a link that is made beside docker-credential-ark, so
            that this organization answers whatever is in use. --creds-store writes the store that docker has now into the configuration
            file as its "fallbackHelper": logins that are kept there are found, saved and removed there as before.
            """) { _hosts, _organization, _httpsAlias, _credsStore, _dryRun, _yes, _replace, _removeFrozen, _undo };
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult options)
    {
        paths.RefuseAnotherUsers();
        var file = new DockerConfigFile(paths.DockerConfig, paths.SetupState);
        if (options.GetValue(_undo))
        {
            return new SetupUndo(terminal, file).Run(options.GetValue(_dryRun));
        }

        var wish = Request(options, DockerConfig.Parse(file.Read() ?? [], file.Path));
        new OverrideWarnings(terminal, paths).Show(wish.Hosts);

        var plan = SetupPlan.For(file, wish);
        if (plan.ChangesNothing)
        {
            terminal.WriteLine($"nothing to do: docker asks ark already ({file.Path})");
            return 0;
        }

        SetupPreview.Show(terminal, plan, file.Path);
        if (options.GetValue(_dryRun))
        {
            terminal.WriteLine("nothing was written");
            return 0;
        }

        if (!MayWrite(options, file.Path))
        {
            terminal.WriteLine("nothing was written");
            return 1;
        }

        file.Apply(plan);
        Report(plan, file);
        return 0;
    }

    private SetupRequest Request(ParseResult options, DockerConfig config)
    {
        var named = (options.GetValue(_hosts) ?? []).Select(RegistryHost.Parse).Distinct().ToList();
        var organization = options.GetValue(_organization);
        var takesStore = options.GetValue(_credsStore);
        if (organization is not null && (takesStore || named.Count == 0))
        {
            throw new UserError("--organization is about hosts that are named", "add --host, and leave --creds-store for another run");
        }

        // As a store ark is asked for every host that has no helper of its own, so there is nothing to register host by host.
        var hosts = named.Count > 0 || takesStore ? named : ConfiguredHosts();
        var keys = options.GetValue(_httpsAlias) ? [.. hosts.SelectMany(RegistryHost.WithAlias)] : hosts;
        var configuration = takesStore || organization is not null ? Organizations.Ask(daemon, terminal) : null;
        var name = organization is null ? null : configuration!.Find(organization).Name;
        CheckOtherHelpers(config, keys, options.GetValue(_replace));
        return new SetupRequest
        {
            Hosts = keys,
            Helper = name is null ? SetupPlan.Helper : $"{SetupPlan.Helper}-{name}",
            Link = name is null ? null : HelperLink.For(name, paths),
            TakesStore = takesStore,
            FallbackHelper = takesStore ? new CredsStoreMigration(config, configuration!, paths).Plan() : null,
            RemovedLogins = LoginsToRemove(options, config, hosts),
        };
    }

    private List<string> ConfiguredHosts()
    {
        var reply = daemon.AskFor(Verb.Hosts, [], StartMode.StartIfAbsent)!;
        if (reply.ExitCode != 0)
        {
            terminal.WriteError(reply.Stderr);
            throw new UserError("the hosts of the configuration could not be had", "name them with --host");
        }

        var hosts = Encoding.UTF8.GetString(reply.Stdout)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(host => !RegistryHost.IsDockerHub(host))
            .Select(RegistryHost.Parse).Distinct().ToList();
        return hosts.Count > 0
            ? hosts
            : throw new UserError(
                "no host was named and the configuration binds none",
                "name one: ark setup --host 123456789012.dkr.ecr.us-east-1.amazonaws.com");
    }

    private static void CheckOtherHelpers(DockerConfig config, List<string> hosts, bool replace)
    {
        if (!replace && hosts.Find(host => config.HasHelper(host) && (config.HelperOf(host) is not { } helper || !SetupPlan.IsOurs(helper))) is { } taken)
        {
            throw new UserError(
                $"{taken} is served by another helper already: {TextSanitizer.Line(config.HelperOf(taken) ?? "not a name")}",
                "add --replace to hand it to ark; --undo gives it back");
        }
    }

    private List<string> LoginsToRemove(ParseResult options, DockerConfig config, List<string> hosts)
    {
        var stored = hosts.SelectMany(config.StoredLogins).Distinct().ToList();
        if (stored.Count == 0 || options.GetValue(_removeFrozen))
        {
            return stored;
        }

        terminal.Warn(
            $"docker's file holds a stored login for {TextSanitizer.Line(string.Join(", ", stored))}; some programs take that old token instead of a fresh one",
            "--remove-frozen-tokens removes it");
        var asks = terminal.CanAsk && !options.GetValue(_yes) && !options.GetValue(_dryRun);
        return asks && terminal.Ask("remove it for good?") ? stored : [];
    }

    private bool MayWrite(ParseResult options, string path)
    {
        if (options.GetValue(_yes))
        {
            return true;
        }

        return terminal.CanAsk
            ? terminal.Ask($"write this to {path}?")
            : throw new UserError("not writing without being told to", "add --yes, or --dry-run to look first");
    }

    private void Report(SetupPlan plan, DockerConfigFile file)
    {
        terminal.WriteLine(plan.Original is null
            ? $"wrote {file.Path}; ark setup --undo removes it"
            : $"wrote {file.Path}; the file as it was, with the logins it holds, is {Path.GetFileName(file.BackupPath)} beside it until ark setup --undo");
        if (plan.Request.FallbackHelper is { } fallback)
        {
            terminal.WriteLine($"wrote {fallback.Configuration.Path}; {TextSanitizer.Line(fallback.Store)} goes on serving every registry that is not ark's");
        }

        if (plan.Request.RemovedLogins.Count > 0)
        {
            terminal.WriteLine("the stored logins are gone for good: they are not in the backup either, and --undo does not bring them back");
        }
    }
}
