using System.CommandLine;
using Ark.Cli.Credentials;
using Ark.Cli.Kura;
using Ark.Cli.Output;
using Ark.Client;
using Ark.Wire;

namespace Ark.Cli.Commands;

/// <summary><c>ark push kura</c>: hands a fresh registry password to a device that cannot ask for one itself.</summary>
internal sealed class KuraCommand(IDaemon daemon, Terminal terminal, TimeProvider clock)
{
    private readonly Argument<string> _image = new("image") { Description = "the image, or only its registry" };
    private readonly Option<string> _url = new("--url") { Description = "where the device is, such as https://device.example.com/", Required = true, HelpName = "URL" };
    private readonly Option<string> _pid = new("--pid") { Description = "the name of the container instance on the device", Required = true, HelpName = "PID" };

    private readonly Option<string> _user = new("--user")
    {
        Description = "the Kura user, who needs the permission rest.configuration",
        DefaultValueFactory = _ => "admin",
        HelpName = "USER",
    };

    private readonly Option<string?> _passwordFile = new("--password-file") { Description = "a file whose first line is that user's password", HelpName = "FILE" };
    private readonly Option<bool> _passwordStdin = new("--password-stdin") { Description = "read that user's password from standard input" };
    private readonly Option<bool> _snapshot = new("--snapshot") { Description = "let Kura keep it beyond its next start" };

    public Command ToCommand()
    {
        var kura = new HelpExamples("kura", "set the registry password of a container on a device with Kura or ESF", """
            Examples:
              ark push kura HOST/app:1 --url https://device.example.com/ --pid app --password-file ~/.kura-password
              pass show device | ark push kura HOST/app:1 --url https://device/ --pid app --password-stdin

            Kura makes the container anew when its configuration changes, and an ECR password is good for hours
            only: run this shortly before the device is to pull, not by the clock. How to fill the other fields
            of the container: ark show IMAGE --format kura
            """) { _image, _url, _pid, _user, _passwordFile, _passwordStdin, _snapshot };
        kura.SetAction(PushAsync);
        return new HelpExamples("push", "hand a fresh password to what cannot ask for one", """
            Example:
              ark push kura HOST/app:1 --url https://device/ --pid app --password-file ~/.kura-password
            """) { kura };
    }

    private async Task<int> PushAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string user = parsed.GetRequiredValue(_user);
        if (user.Contains(':', StringComparison.Ordinal))
        {
            throw new UserError("the name of a Kura user has no colon in it", "the password goes to --password-file or --password-stdin");
        }

        string pid = parsed.GetRequiredValue(_pid);
        using var device = new KuraDevice(parsed.GetRequiredValue(_url), user, ReadPassword(parsed), clock);
        await device.ExpectContainerAsync(pid, cancellationToken);

        var login = new CredentialQuestions(daemon, terminal).Login(parsed.GetRequiredValue(_image));
        await device.SetPasswordAsync(pid, login.Secret, parsed.GetValue(_snapshot), cancellationToken);
        string life = login.ExpiresAt is { } end ? $"it is good until {ExpiryNote.Instant(end)}" : "nobody knows how long it is good";
        terminal.WriteLine($"{TextSanitizer.Line(pid)} has the password for {TextSanitizer.Line(login.Host)}; {life}");
        return 0;
    }

    private string ReadPassword(ParseResult parsed) => (parsed.GetValue(_passwordFile), parsed.GetValue(_passwordStdin)) switch
    {
        ({ } file, false) => DevicePassword.FromFile(file),
        (null, true) => DevicePassword.FromInput(terminal),
        _ => throw new UserError("where is the password of the Kura user?", "give either --password-file FILE or --password-stdin"),
    };
}
