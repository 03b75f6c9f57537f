using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Wire;

namespace Ark.Core.Repositories;

/// <summary>
/// The name of a repository in ECR, whole as AWS knows it: 2 to 256 characters, parts joined by slashes, each of lower-case letters
/// and digits with a dot, one or two underscores, or hyphens in between.
/// </summary>
public sealed record RepositoryName
{
    private const int MinLength = 2;
    private const int MaxLength = 256;

    private RepositoryName(string path) => Path = path;

    /// <summary>Such as <c>prod/2ea25035-6aa4-42fb-9955-92288ea1b972/web</c>.</summary>
    public string Path { get; }

    /// <summary>The name below an organization's prefix, or the rule that it breaks and where.</summary>
    /// <param name="prefix">The organization's prefix without slashes at the ends; empty for none.</param>
    /// <param name="name">What stands below it, as somebody wrote it.</param>
    public static Outcome<RepositoryName> Parse(string prefix, string name)
    {
        string path = prefix.Length == 0 ? name : $"{prefix}/{name}";
        return FaultOf(path) is { } fault
            ? new Problem(
                ProblemKind.BadSetting,
                $"{TextSanitizer.Quote(path)} is no repository name: {fault}",
                "use lower-case letters and digits, with . _ - between them and / between parts")
            : new RepositoryName(path);
    }

    public override string ToString() => Path;

    private static string? FaultOf(string path) => path.Length switch
    {
        < MinLength => $"it has {path.Length} characters, and {MinLength} are the least",
        > MaxLength => $"it has {path.Length} characters with its prefix, and {MaxLength} are the most",
        _ => FirstFault(path),
    };

    private static string? FirstFault(ReadOnlySpan<char> path)
    {
        for (int i = 0; i < path.Length;)
        {
            if (char.IsAsciiLetterLower(path[i]) || char.IsAsciiDigit(path[i]))
            {
                i++;
                continue;
            }

            int run = Math.Max(1, path[i..].IndexOfAnyExcept("._-") is var end and >= 0 ? end : path.Length - i);
            if (FaultAt(path, i, run) is { } fault)
            {
                return $"{fault} (character {i + 1})";
            }

            i += run;
        }

        return null;
    }

    /// <summary>Looks at a slash, at a run of separators, or at a character that may not be there at all.</summary>
    private static string? FaultAt(ReadOnlySpan<char> path, int start, int run)
    {
        ReadOnlySpan<char> written = path.Slice(start, run);
        bool begins = start == 0 || path[start - 1] == '/';
        bool ends = start + run == path.Length || path[start + run] == '/';
        return (written[0], begins, ends) switch
        {
            ('/', true, _) or ('/', _, true) => "a part between slashes is empty",
            ('/', _, _) => null,
            ('.' or '_' or '-', true, _) => $"a part begins with '{written}'",
            ('.' or '_' or '-', _, true) => $"a part ends with '{written}'",
            ('.' or '_' or '-', _, _) =>
                written is "." or "_" or "__" || !written.ContainsAnyExcept('-') ? null : $"'{written}' stands between two letters",
            _ when char.IsAsciiLetterUpper(written[0]) => $"'{written}' is an upper-case letter",
            (':' or '@', _, _) => $"'{written}' begins a tag or a digest, and a repository has none",
            _ => $"{TextSanitizer.Quote(written)} may not stand in it",
        };
    }
}

/// <summary>What an organization's new repositories are like. What is null is left to AWS's own default.</summary>
public sealed record RepositoryDefaults
{
    /// <summary>Everything as AWS has it.</summary>
    public static RepositoryDefaults None { get; } = new();

    /// <summary>Whether a tag may be moved to another image.</summary>
    public TagMutability? Tags { get; init; }

    /// <summary>How images are encrypted where they lie.</summary>
    public RepositoryEncryption? Encryption { get; init; }

    /// <summary>Whether an image is scanned when it is pushed.</summary>
    public bool? ScanOnPush { get; init; }

    /// <summary>AWS's own labels of the repository, at most 50; not the tags of images.</summary>
    public ValueList<ResourceTag> ResourceTags { get; init; } = new([]);

    /// <summary>The JSON text of the lifecycle policy, or null.</summary>
    public string? LifecyclePolicy { get; init; }

    /// <summary>The JSON text of the policy that says who else may use the repository, or null.</summary>
    public string? RepositoryPolicy { get; init; }
}

/// <summary>Whether the tags of images may be moved.</summary>
/// <param name="Immutable">Whether a tag stays with its image.</param>
/// <param name="Except">Patterns with <c>*</c> of tags for which it is the other way round, at most five.</param>
public sealed record TagMutability(bool Immutable, ValueList<string> Except);

/// <summary>How images are encrypted.</summary>
/// <param name="Type">Whose key it is.</param>
/// <param name="Key">The ARN, id or alias of the key, or null for AWS's own.</param>
public sealed record RepositoryEncryption(EncryptionType Type, string? Key);

/// <summary>The three kinds of encryption that ECR has.</summary>
public enum EncryptionType
{
    /// <summary>Keys that ECR keeps itself.</summary>
    Aes256,

    /// <summary>A key in KMS.</summary>
    Kms,

    /// <summary>A key in KMS, and two layers.</summary>
    KmsDsse,
}

/// <summary>One of AWS's labels.</summary>
public sealed record ResourceTag(string Key, string Value);
