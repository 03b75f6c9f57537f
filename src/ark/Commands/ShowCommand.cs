using System.CommandLine;
using Ark.Cli.Credentials;
using Ark.Cli.Output;
using Ark.Client;
using Ark.Wire;

namespace Ark.Cli.Commands;

/// <summary><c>ark show</c>: an image reference in its parts, for systems into whose forms they are typed.</summary>
internal sealed class ShowCommand(IDaemon daemon, Terminal terminal, TimeProvider clock)
{
    public Command ToCommand()
    {
        var image = new Argument<string>("image") { Description = "an image, such as HOST/path/app:1.0; without a host it is on Docker Hub" };
        var format = new Option<string>("--format")
        {
            Description = "how to print it; kura, json and env hold the password",
            DefaultValueFactory = _ => ImageFormats.Table,
        };
        format.AcceptOnlyFromAmong(ImageFormats.Names);
        var command = new HelpExamples("show", "take an image reference apart, with the credentials for it", """
            Examples:
              ark show 123456789012.dkr.ecr.us-east-1.amazonaws.com/prod/app:1.0
              ark show IMAGE --format kura
              eval "$(ark show IMAGE --format env)"

            kura prints the fields of a container instance in Eclipse Kura and ESF, palette those of a registry in Spectro Cloud.
            """) { image, format };
        command.SetAction(parsed => Show(parsed.GetRequiredValue(image), parsed.GetRequiredValue(format)));
        return command;
    }

    private int Show(string reference, string format)
    {
        var image = new CredentialQuestions(daemon, terminal).Describe(reference);
        terminal.Out.Write(ImageFormats.Render(format, image, clock.GetUtcNow()));
        if (ImageFormats.HoldsSecret(format))
        {
            terminal.Note(image.Login() is { } login
                ? ExpiryNote.For("the password", login.ExpiresAt, clock.GetUtcNow())
                : $"ark has no password for {TextSanitizer.Line(image.Host)}");
        }

        return 0;
    }
}
