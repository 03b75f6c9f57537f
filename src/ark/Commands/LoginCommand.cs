using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Ark.Cli.Files;
using Ark.Cli.Help;
using Ark.Cli.Output;
using Ark.Cli.Queries;
using Ark.Messages;

namespace Ark.Cli.Commands;

/// <summary><c>ark login</c>: what only a person can do to sign in to AWS. Everything else ark does by itself.</summary>
internal sealed class LoginCommand(
    DaemonQueries queries, Terminal terminal, TimeProvider clock, Func<string, string?> environment,
    Func<string, IReadOnlyList<string>, int> run)
{
    private const int CodeAttempts = 3;
    private const int LongestPause = 60;

    private readonly Argument<string?> _organization =
        Options.Optional("organization", "its name or id (default: the one in use, else your own AWS profile)");

    private readonly Option<string?> _profile = Options.Text("--profile", "PROFILE", "an AWS profile of yours instead");
    private readonly Option<bool> _noBrowser = Options.Flag("--no-browser", "only print the address to open");

    public Command ToCommand()
    {
        var command = new CommandWithExamples("login", "sign in to AWS where that needs a person", """
            Examples:
              ark login
              ark login acme
              ark login --profile dev --no-browser

            For IAM Identity Center a browser confirms the login, which the AWS command then shares. An MFA code
            opens a session that only the daemon has, in memory, for twelve hours. For sessions of `aws login`
            this runs that command. Profiles with keys, roles and programs need no login.
            """) { _organization, _profile, _noBrowser };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string? organization = parsed.GetValue(_organization);
        string? profile = parsed.GetValue(_profile);
        if (organization is not null && profile is not null)
        {
            throw new UserError("specify an organization or --profile, not both", "ark login --help");
        }

        LoginTargets targets = profile is null
            ? queries.LoginTargets(new LoginRequest { Organization = organization })
            : new LoginTargets(null, [profile]);
        foreach (string each in targets.Profiles)
        {
            var request = new LoginRequest { Organization = targets.Organization, Profile = each };
            await LogInAsync(request, each, parsed.GetValue(_noBrowser), cancellationToken);
        }

        return 0;
    }

    private async Task LogInAsync(LoginRequest request, string profile, bool noBrowser, CancellationToken cancellationToken)
    {
        LoginStep step = queries.Login(request);
        switch (step.State)
        {
            case "browser":
                step = await WaitAsync(step, noBrowser, cancellationToken);
                break;
            case "code":
                step = Enter(request, step);
                break;
            case "command" when step.Command is ["aws", ..]:
                Run(step.Command);

                // So that the daemon knows of it before somebody pulls.
                queries.Login(request);
                return;
            case "nothing":
                terminal.Say($"{step.Text ?? profile} needs no login");
                return;
            default:
                break;
        }

        if (step.State != "done")
        {
            throw new UserError($"the daemon's step \"{step.State}\" is not known", "install one version of ark, then: ark daemon restart");
        }

        terminal.Say($"profile {profile}: {step.Text}; the login {Lifetime.Expiry(step.Until, clock.GetUtcNow())}");
    }

    private async Task<LoginStep> WaitAsync(LoginStep browser, bool noBrowser, CancellationToken cancellationToken)
    {
        if (browser is not { Url: { } url, Attempt: { } attempt } || Browser.PageAt(url) is not { } page)
        {
            throw new UserError("the daemon's step has no address", "restart it with: ark daemon restart");
        }

        string verb = noBrowser || !Browser.Open(page, environment) ? "open" : "a browser opens";
        terminal.WriteLine($"{verb} {page.AbsoluteUri}");
        terminal.WriteLine($"and confirm that it shows {browser.UserCode}");
        using Progress waited = terminal.ShowProgress("seconds waited for the browser");
        LoginStep step = browser;
        while (step.State is "browser" or "waiting")
        {
            int pause = Math.Clamp(step.Seconds, 0, LongestPause);
            await Task.Delay(TimeSpan.FromSeconds(pause), clock, cancellationToken);
            waited.Advance(pause);
            step = queries.Login(new LoginRequest { Attempt = attempt });
        }

        return step;
    }

    private LoginStep Enter(LoginRequest request, LoginStep step)
    {
        for (int left = CodeAttempts; terminal.CanAsk; left--)
        {
            string code = terminal.Prompt($"MFA code of {step.Device}: ")?.Trim() ?? throw NobodyAnswers(step);
            if (code.Length >= 6 && code.All(char.IsAsciiDigit))
            {
                return queries.Login(request with { Code = code });
            }

            if (left == 1)
            {
                throw new UserError("that is no MFA code", "type the six digits that the device shows now");
            }

            terminal.Note("an MFA code is six digits");
        }

        throw NobodyAnswers(step);
    }

    private static UserError NobodyAnswers(LoginStep step) =>
        new($"the code of {step.Device} is needed, and nobody can type it here", "run ark login at a terminal");

    private void Run(IReadOnlyList<string> command)
    {
        string line = string.Join(' ', command);
        string program = new UserPaths(environment).FindProgram(command[0])
            ?? throw new UserError($"{command[0]} is not on PATH", $"install the AWS CLI, version 2.32 or newer, then: {line}");
        terminal.Say($"running: {line}");
        if (run(program, [.. command.Skip(1)]) is not 0 and var exitCode)
        {
            throw new UserError($"{line} ended with exit code {exitCode.ToString(CultureInfo.InvariantCulture)}", "see what it says above");
        }
    }
}

/// <summary>The person's browser.</summary>
internal static class Browser
{
    /// <summary>The page of an https address, or of one on this machine; null for anything else that an opener might run.</summary>
    public static Uri? PageAt(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out Uri? page) &&
        (page.Scheme == Uri.UriSchemeHttps || (page.Scheme == Uri.UriSchemeHttp && page.IsLoopback))
            ? page
            : null;

    /// <summary>Opens the page where there is a desktop to open it on; false where there is none, or nothing that opens pages.</summary>
    public static bool Open(Uri page, Func<string, string?> environment)
    {
        bool desktop = !OperatingSystem.IsLinux() || (environment("DISPLAY") ?? environment("WAYLAND_DISPLAY")) is { Length: > 0 };
        if (!desktop)
        {
            return false;
        }

        try
        {
            using Process? opener = Process.Start(new ProcessStartInfo(page.AbsoluteUri) { UseShellExecute = true });
            return true;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
