using Ark.Core.Sources;
using Ark.Wire;

namespace Ark.Core.Configuration;

/// <summary>Reads where a secret is kept: <c>{"file": …}</c>, <c>{"helper": …, "server": …}</c> or <c>{"command": […]}</c>.</summary>
internal static class SecretSyntax
{
    internal static readonly string[] Properties = ["file", "helper", "server", "command"];

    private const int MaxArguments = 64;

    // The bits of Properties.
    private const uint File = 1, Helper = 2, Server = 4, Program = 8;

    /// <summary>Null after an error.</summary>
    public static SecretReference? Read(ref ConfigurationReader json, string what)
    {
        long start = json.Offset;
        if (!json.IsObject(what))
        {
            return null;
        }

        string? file = null;
        string? helper = null;
        string? server = null;
        ValueList<string>? command = null;
        uint seen = 0;
        while (json.NextProperty(Properties, ref seen) is { } property)
        {
            switch (property)
            {
                case "file":
                    file = ConfigurationRules.File(ref json)?.Text;
                    break;
                case "helper":
                    helper = ConfigurationRules.Helper(ref json, property);
                    break;
                case "server":
                    server = ConfigurationRules.RequiredText(ref json, property)?.Text;
                    break;
                default:
                    command = Command(ref json);
                    break;
            }
        }

        if (seen is not (File or (Helper | Server) or Program))
        {
            json.Errors.Add(start, "", $"{what} has either \"file\", or \"helper\" with \"server\", or \"command\"");
            return null;
        }

        return (file, helper, server, command) switch
        {
            ({ } path, _, _, _) => new SecretReference.File(path),
            (_, { } program, { } key, _) => new SecretReference.Helper(program, key),
            (_, _, _, { } arguments) => new SecretReference.Command(arguments),
            _ => null,
        };
    }

    /// <summary>A program and its arguments; null after an error.</summary>
    public static ValueList<string>? Command(ref ConfigurationReader json)
    {
        long start = json.Offset;
        if (!json.IsArray("command"))
        {
            return null;
        }

        var arguments = new List<string>();
        bool sound = true;
        while (json.NextItem())
        {
            if (json.String("an argument") is not { } argument)
            {
                sound = false;
            }
            else if (argument.Text.Contains('\0', StringComparison.Ordinal) || (arguments.Count == 0 && argument.Text.Length == 0))
            {
                json.Errors.Add(argument, $"{TextSanitizer.Quote(argument.Text)} is no argument: it holds a NUL, or the program is empty");
                sound = false;
            }
            else
            {
                arguments.Add(argument.Text);
            }
        }

        if (sound && arguments.Count is 0 or > MaxArguments)
        {
            json.Errors.Add(start, "[]", $"command is [] or longer than {MaxArguments}, but needs a program: \"command\": [\"gh\", \"auth\", \"token\"]");
            return null;
        }

        return sound ? new ValueList<string>(arguments) : null;
    }
}
