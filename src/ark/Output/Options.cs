using System.CommandLine;

namespace Ark.Cli.Output;

/// <summary>The few kinds of options and arguments that commands have.</summary>
internal static class Options
{
    public static Option<bool> Json => Flag("--json", "print JSON, for programs");

    public static Option<bool> Flag(string name, string description, params string[] aliases) =>
        new(name, aliases) { Description = description };

    /// <summary>An option with a value, or null where it is not given.</summary>
    public static Option<string?> Text(string name, string value, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = value };

    /// <summary>An option that must be given, or has a default.</summary>
    public static Option<string> Required(string name, string value, string description, string? byDefault = null, params string[] aliases)
    {
        var option = new Option<string>(name, aliases) { Description = description, HelpName = value, Required = byDefault is null };
        if (byDefault is not null)
        {
            option.DefaultValueFactory = _ => byDefault;
        }

        return option;
    }

    /// <summary>An argument that may be left out.</summary>
    public static Argument<string?> Optional(string name, string description) =>
        new(name) { Description = description, Arity = ArgumentArity.ZeroOrOne };

    /// <summary>An argument that may be repeated.</summary>
    public static Argument<string[]> Several(string name, string description) =>
        new(name) { Description = description, Arity = ArgumentArity.OneOrMore };
}
