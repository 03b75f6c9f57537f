namespace Ark.Files;

/// <summary>Why somebody else could decide what a file says.</summary>
/// <param name="Path">The file itself, or a directory or link on the way to it.</param>
/// <param name="What">What is wrong with it: <c>can be written by others (mode 777)</c>.</param>
/// <param name="Repair">The command that mends it.</param>
/// <param name="IsForeign">Whether it belongs to another user; otherwise others can write to it.</param>
public sealed record FileFault(string Path, string What, string Repair, bool IsForeign = false)
{
    /// <summary>One line, lower case, no full stop.</summary>
    public string Message => $"{Path} {What}";

    internal static FileFault Foreign(string path) => new(
        path, "belongs to another user", $"copy it into a place of your own, or: sudo chown $(id -u) {Quoted(path)}", IsForeign: true);

    internal static FileFault Writable(string path, int mode) => new(
        path, $"can be written by others (mode {Convert.ToString(mode, 8)})", $"close it with: chmod go-w {Quoted(path)}");

    /// <summary>A path as a shell takes it for one word and nothing else, whoever named it.</summary>
    private static string Quoted(string path) =>
        path.All(static c => char.IsAsciiLetterOrDigit(c) || "/._-+@:=,%".Contains(c, StringComparison.Ordinal))
            ? path
            : $"'{path.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
