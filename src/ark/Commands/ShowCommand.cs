using System.CommandLine;
using Ark.Cli.Credentials;
using Ark.Cli.Output;
using Ark.Cli.Queries;
using Ark.Messages;

namespace Ark.Cli.Commands;

/// <summary><c>ark show</c>: an image reference in its parts, for systems into whose forms they are typed.</summary>
internal sealed class ShowCommand(DaemonQueries queries, Terminal terminal, TimeProvider clock)
{
    public Command ToCommand()
    {
        var image = new Argument<string>("image") { Description = "an image, such as HOST/path/app:1.0; without HOST, on Docker Hub" };
        var format = new Option<string>("--format")
        {
            Description = "how to print it; kura, json and env include the password",
            DefaultValueFactory = _ => ImageFormats.Table,
        };
        format.AcceptOnlyFromAmong(ImageFormats.Names);
        var command = new CommandWithExamples("show", "split an image reference into its parts, with its credentials", """
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
        ImageDescription image = queries.Describe(reference);
        switch (format)
        {
            case ImageFormats.Table:
                terminal.WriteTable(ImageFormats.Rows(image, clock.GetUtcNow()));
                break;

            case ImageFormats.Json:
                terminal.WriteResult(ImageFormats.ToJson(image));
                break;

            default:
                // All or nothing: half of the fields would look like all of them.
                terminal.WriteResult(string.Join('\n', ImageFormats.Lines(format, image)));
                break;
        }

        if (ImageFormats.HoldsSecret(format))
        {
            terminal.Note(RegistryLogin.Of(image) is { } login
                ? $"the password {Lifetime.Expiry(login.ExpiresAt, clock.GetUtcNow())}"
                : $"ark has no password for {image.Host}");
        }

        return 0;
    }
}
