using System.Text;
using Ark.Cli.Output;
using Ark.Wire;

namespace Ark.Cli.Kura;

/// <summary>The password of a Kura user: from where others cannot read it, one line, and never from an argument.</summary>
internal static class DevicePassword
{
    private const int MaxLength = 4096;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>The first line of the file; it is refused when others can read or change it.</summary>
    public static string FromFile(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & Others) != 0)
        {
            throw new UserError($"others can read or change {TextSanitizer.Line(path)}", $"chmod 600 {TextSanitizer.Line(path)}");
        }

        byte[] bytes = new byte[MaxLength];
        int length = file.ReadAtLeast(bytes, MaxLength, throwOnEndOfStream: false);
        return FirstLine(Encoding.UTF8.GetString(bytes, 0, length), TextSanitizer.Line(path));
    }

    /// <summary>The next line of standard input.</summary>
    public static string FromInput(Terminal terminal) => FirstLine(terminal.ReadLine() ?? "", "standard input");

    private static string FirstLine(string text, string where)
    {
        string line = text.Split('\n')[0].TrimEnd('\r');
        return line.Length is > 0 and < MaxLength ? line : throw new UserError($"there is no password in {where}", "its first line is to be the password of the Kura user");
    }
}
