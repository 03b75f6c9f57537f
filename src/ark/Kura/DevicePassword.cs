using System.Text;
using Ark.Cli.Output;
using Ark.Files;
using Ark.Wire;

namespace Ark.Cli.Kura;

/// <summary>The password of a Kura user: from where others cannot read it, one line, and never from an argument.</summary>
internal static class DevicePassword
{
    private const int MaxLength = 4096;

    /// <summary>The first line of the file; it is refused when others can read, change or exchange it.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Nor may it.</exception>
    public static string FromFile(string path)
    {
        string shown = TextSanitizer.Line(path);
        using TrustedFile file = TrustedFile.Open(path) ?? throw new FileNotFoundException($"could not find file {shown}");
        if (file.Fault is { } fault)
        {
            throw new UserError(TextSanitizer.Line($"others can read or change {path}: {fault.Message}"), TextSanitizer.Line(fault.Repair));
        }

        if (!file.IsPrivate)
        {
            throw new UserError($"others can read or change {shown}", $"chmod 600 {shown}");
        }

        return FirstLine(Encoding.UTF8.GetString(file.Read(MaxLength)).TrimStart('\uFEFF'), shown);
    }

    /// <summary>The next line of standard input.</summary>
    public static string FromInput(Terminal terminal) => FirstLine(terminal.ReadLine() ?? "", "standard input");

    private static string FirstLine(string text, string where)
    {
        string line = text.Split('\n')[0].TrimEnd('\r');
        return line.Length is > 0 and < MaxLength ? line : throw new UserError($"there is no password in {where}", "its first line is to be the password of the Kura user");
    }
}
