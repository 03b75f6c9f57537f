using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;

namespace Ark.Files;

/// <summary>A file's access list on Windows, as far as it decides who else could change or exchange the file.</summary>
/// <param name="Owner">The owner's SID.</param>
/// <param name="Allowed">Who may do what: SIDs and rights. What is forbidden is left out, which can only make the list look looser.</param>
internal sealed record AccessList(string Owner, IReadOnlyList<(string Sid, int Rights)> Allowed)
{
    /// <summary>
    /// To write into a file, to remove it, or to give such rights to others; <c>GENERIC_WRITE</c> and <c>GENERIC_ALL</c> hold them.
    /// </summary>
    private const int ChangeFile = 0x2 | 0x4 | 0x10 | 0x100 | Exchange;

    /// <summary>
    /// To remove what is in a directory or the directory itself, or to give such rights. Who may only add files exchanges none.
    /// </summary>
    private const int ChangeDirectory = 0x40 | Exchange;

    private const int Exchange = 0x1_0000 /* DELETE */ | 0x4_0000 /* WRITE_DAC */ | 0x8_0000 /* WRITE_OWNER */ | 0x4000_0000 | 0x1000_0000;

    /// <summary>SYSTEM, the administrators, the installer of Windows itself, and whoever is the owner.</summary>
    private static readonly string[] Trusted =
        ["S-1-5-18", "S-1-5-32-544", "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464", "S-1-3-4"];

    /// <summary>
    /// The fault of the file at <paramref name="path"/>, or null where only <paramref name="user"/> and the system can change it.
    /// </summary>
    public FileFault? Judge(string path, string user, bool isDirectory)
    {
        bool IsTrusted(string sid) => sid == user || Trusted.Contains(sid);
        if (!IsTrusted(Owner))
        {
            return new FileFault(path, "belongs to another user", "copy it into a folder of your own", IsForeign: true);
        }

        int rights = isDirectory ? ChangeDirectory : ChangeFile;
        return Allowed.FirstOrDefault(entry => (entry.Rights & rights) != 0 && !IsTrusted(entry.Sid)) is { Sid: { } other }
            ? new FileFault(
                path,
                $"can be changed by others ({other})",
                $"look at it with: icacls \"{path}\"; close it with: icacls \"{path}\" /remove *{other}")
            : null;
    }

    /// <summary>Judges the file, and every folder on the way to it, at the end of any links and on the way there.</summary>
    [SupportedOSPlatform("windows")]
    public static FileFault? Judge(string path)
    {
        using var identity = WindowsIdentity.GetCurrent();
        string user = identity.User?.Value ?? "";
        string? target = File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName : null;
        return OnTheWay(path)
            .Concat(target is null ? [] : OnTheWay(target))
            .Select(place => Of(place).Judge(place, user, Directory.Exists(place)))
            .FirstOrDefault(static fault => fault is not null);
    }

    /// <summary>The path and its parents, the root first.</summary>
    private static Stack<string> OnTheWay(string path)
    {
        var places = new Stack<string>();
        for (string? at = Path.GetFullPath(path); at is not null; at = Path.GetDirectoryName(at))
        {
            if (Path.Exists(at))
            {
                places.Push(at);
            }
        }

        return places;
    }

    [SupportedOSPlatform("windows")]
    private static AccessList Of(string path)
    {
        FileSystemSecurity security = Directory.Exists(path)
            ? new DirectoryInfo(path).GetAccessControl()
            : new FileInfo(path).GetAccessControl();
        return new AccessList(
            security.GetOwner(typeof(SecurityIdentifier))?.Value ?? "",
            [.. from FileSystemAccessRule rule in security.GetAccessRules(true, true, typeof(SecurityIdentifier))
                where rule.AccessControlType == AccessControlType.Allow && (rule.PropagationFlags & PropagationFlags.InheritOnly) == 0
                select (rule.IdentityReference.Value, (int)rule.FileSystemRights)]);
    }
}
