using System.CommandLine;
using System.Text;
using Ark.Cli.Credentials;
using Ark.Cli.Help;
using Ark.Cli.Kura;
using Ark.Cli.Output;
using Ark.Cli.Queries;
using Ark.Files;

namespace Ark.Cli.Commands;

/// <summary><c>ark push kura</c>: hands a fresh registry password to a device that cannot ask for one itself.</summary>
internal sealed class PushCommand(DaemonQueries queries, Terminal terminal, TimeProvider clock)
{
    private const int MaxPassword = 4096;

    private readonly Argument<string> _image = new("image") { Description = "the image, or only its registry" };
    private readonly Option<string> _url =
        Options.Required("--url", "URL", "the address of the device, such as https://device.example.com/");

    private readonly Option<string> _pid = Options.Required("--pid", "PID", "the name of the container instance on the device");
    private readonly Option<string> _user =
        Options.Required("--user", "USER", "the Kura user, who needs the permission rest.configuration", "admin");

    private readonly Option<string?> _passwordFile =
        Options.Text("--password-file", "FILE", "a file whose first line is that user's password");

    private readonly Option<bool> _passwordStdin = Options.Flag("--password-stdin", "read that password from standard input");
    private readonly Option<bool> _snapshot = Options.Flag("--snapshot", "make Kura keep the password after its next start");

    public Command ToCommand()
    {
        var kura = new CommandWithExamples("kura", "set the registry password of a container on a device with Kura or ESF", """
            Examples:
              ark push kura HOST/app:1 --url https://device.example.com/ --pid app --password-file ~/.kura-password
              pass show device | ark push kura HOST/app:1 --url https://device/ --pid app --password-stdin

            Kura recreates the container when its configuration changes, and an ECR password is valid for hours
            only: run this shortly before the device pulls. For the other fields of the container:
            ark show IMAGE --format kura
            """) { _image, _url, _pid, _user, _passwordFile, _passwordStdin, _snapshot };
        kura.SetAction(PushAsync);
        return new CommandWithExamples("push", "send a registry password to a device that cannot ask for one", """
            Example:
              ark push kura HOST/app:1 --url https://device/ --pid app --password-file ~/.kura-password
            """) { kura };
    }

    private async Task<int> PushAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string user = parsed.GetRequiredValue(_user);
        if (user.Contains(':', StringComparison.Ordinal))
        {
            throw new UserError(
                "the name of a Kura user cannot contain a colon", "its password goes to --password-file or --password-stdin");
        }

        string pid = parsed.GetRequiredValue(_pid);
        using var device = new KuraDevice(parsed.GetRequiredValue(_url), user, ReadPassword(parsed), clock);
        await device.ExpectContainerAsync(pid, cancellationToken);

        RegistryLogin login = queries.Login(parsed.GetRequiredValue(_image));
        await device.SetPasswordAsync(pid, login.Secret, parsed.GetValue(_snapshot), cancellationToken);
        terminal.Say($"{pid} now has the password for {login.Host}, which {Lifetime.Expiry(login.ExpiresAt, clock.GetUtcNow())}");
        return 0;
    }

    private string ReadPassword(ParseResult parsed) => (parsed.GetValue(_passwordFile), parsed.GetValue(_passwordStdin)) switch
    {
        ({ Length: > 0 } file, false) => FromFile(file),
        (null, true) => FirstLine(terminal.ReadLine() ?? "", "standard input"),
        _ => throw new UserError("no password given for the Kura user", "give either --password-file FILE or --password-stdin"),
    };

    /// <summary>The first line of a file, which is refused when others can read, change or exchange it.</summary>
    private static string FromFile(string path)
    {
        using TrustedFile file = TrustedFile.Open(path)
            ?? throw new UserError($"no file {path}", "give --password-file a file that exists");
        if (!file.IsOrdinary)
        {
            throw new UserError($"{path} is not an ordinary file", "give --password-file an ordinary file, or use --password-stdin");
        }

        if (file.Fault is { } fault)
        {
            throw new UserError($"others can read or change {path}: {fault.Message}", fault.Repair);
        }

        return file.IsPrivate
            ? FirstLine(Encoding.UTF8.GetString(file.Read(MaxPassword)).TrimStart('\uFEFF'), path)
            : throw new UserError($"others can read or change {path}", $"chmod 600 {path}");
    }

    private static string FirstLine(string text, string where)
    {
        string line = text.Split('\n')[0].TrimEnd('\r');
        return line.Length is > 0 and < MaxPassword
            ? line
            : throw new UserError($"no password in {where}", "its first line must be the password of the Kura user");
    }
}
