using Ark.Wire;

namespace Ark.Files;

/// <summary>
/// Follows a path from the root, one name after another and link by link, and judges all that it meets: every directory, every link and
/// the file belong to this user or root, and nobody else can write to them. Others can write to a sticky directory such as <c>/tmp</c>,
/// but they can exchange nothing there that belongs to this user or root. What has passed cannot be exchanged by another user later on
/// the walk, so that its end is the file that was judged.
/// </summary>
/// <param name="Path">Where the file is, without links; where it would be, when it does not exist.</param>
/// <param name="File">The file, or null where there is none.</param>
/// <param name="Fault">The first on the way that somebody else could have exchanged, or null.</param>
/// <param name="Links">How many links led there.</param>
internal sealed record PathWalk(string Path, FileFacts? File, FileFault? Fault, int Links)
{
    private const int MaxLinks = 40, OthersMayWrite = 0x12 /* 022 */, Sticky = 0x200;

    /// <param name="path">An absolute path.</param>
    /// <param name="user">Who must own everything, if root does not.</param>
    /// <param name="look">The facts of a path itself, or null when there is nothing.</param>
    /// <param name="targetOf">Where a link points to.</param>
    /// <exception cref="IOException">It goes round in circles, or cannot be looked at.</exception>
    public static PathWalk Along(string path, uint user, Func<string, FileFacts?> look, Func<string, string> targetOf)
    {
        var names = new Stack<string>();
        Push(names, path);
        string at = "/";
        FileFacts? here = look(at);
        FileFault? fault = Judge(at, here, user);
        int links = 0;
        while (names.TryPop(out string? name))
        {
            if (name == "..")
            {
                // Without links on it, a path is its own way back.
                at = System.IO.Path.GetDirectoryName(at) ?? "/";
                here = look(at);
                continue;
            }

            string next = System.IO.Path.Join(at, name);
            if (look(next) is not { } found)
            {
                return new PathWalk(System.IO.Path.Join([next, .. names]), null, fault, links);
            }

            fault ??= Judge(next, found, user);
            if (!found.Identity.IsLink)
            {
                (at, here) = (next, found);
                continue;
            }

            if (++links > MaxLinks)
            {
                throw new IOException($"{path}: too many links");
            }

            string target = targetOf(next);
            at = target.StartsWith('/') ? "/" : at;
            here = look(at);
            Push(names, target);
        }

        return new PathWalk(at, here, fault, links);
    }

    /// <summary>The same for a directory in which others may make nothing, sticky or not.</summary>
    public FileFault? DirectoryFault => Fault
        ?? (File is { Identity: { IsDirectory: true, Permissions: var bits } } && (bits & OthersMayWrite) != 0
            ? FileFault.Writable(Path, bits)
            : null);

    private static void Push(Stack<string> names, string path)
    {
        foreach (string name in path.Split('/').Reverse().Where(static name => name is not ("" or ".")))
        {
            names.Push(name);
        }
    }

    private static FileFault? Judge(string path, FileFacts? file, uint user) => file?.Identity switch
    {
        null => null,
        { Owner: var owner } when owner != user && owner != 0 => FileFault.Foreign(path),
        { IsLink: true } => null,
        { IsDirectory: true, Permissions: var bits } when (bits & Sticky) != 0 => null,
        { IsDirectory: false, IsRegularFile: false, Permissions: var bits } when (bits & OthersMayWrite) != 0 => FileFault.Device(path),
        { Permissions: var bits } when (bits & OthersMayWrite) != 0 => FileFault.Writable(path, bits),
        _ => null,
    };
}
