using Ark.Cli.Credentials;
using Ark.Cli.Docker;
using Ark.Cli.Files;
using Ark.Cli.Output;
using Ark.Files;
using Ark.Wire;

namespace Ark.Cli.Clients;

/// <summary>
/// ECR's tokens in the files of docker and of other clients. A login writes them there, nobody removes them, and twelve hours later the
/// client goes on using one that is over. No secret leaves this class: a token is told by its file, its key and its end.
/// </summary>
internal static class StaleTokens
{
    /// <summary>All tokens in all places, dead or alive. A file that cannot be read or understood has none.</summary>
    public static IReadOnlyList<FoundToken> Find(UserPaths paths, DateTimeOffset now)
    {
        var files = new ClientFiles(paths);
        Dictionary<string, DockerConfig?> contents = files.Read();
        return
        [
            .. from file in files.All
               from login in contents[file.Name]?.AllStoredLogins ?? []
               where login.IsEcrToken
               select new FoundToken(file, login.Key, login.TokenEnd!.Value, login.IsDead(now))
               {
                   Shadows = files.UsersOf(file, login.Key, contents).Any(),
               },
        ];
    }

    /// <summary>
    /// Removes tokens from their files, each file in one step; every other byte stays, and so do its mode and owner. What became of each
    /// token is answered: one that cannot be removed keeps no other from it.
    /// </summary>
    public static IReadOnlyList<TokenRemoval> Remove(IEnumerable<FoundToken> tokens) =>
        [.. tokens.GroupBy(static token => token.File.Name).SelectMany(static found => RemoveFrom(found.First().File, [.. found]))];

    private static IEnumerable<TokenRemoval> RemoveFrom(ClientFile file, List<FoundToken> tokens)
    {
        UserError? problem = ProblemWith(file);
        var gone = new HashSet<FoundToken>();
        if (problem is null)
        {
            try
            {
                // Since it was looked at, a client may have written another login under the same key.
                if (file.Read() is { } config)
                {
                    HashSet<StoredLogin> still = [.. config.AllStoredLogins];
                    gone = [.. tokens.Where(token => still.Contains(new StoredLogin(token.Key, token.ExpiresAt)))];
                    DockerConfig rest = gone.Aggregate(config, static (left, token) => left.WithoutLogin(token.Key));
                    if (gone.Count > 0)
                    {
                        SafeFile.Replace(SafeFile.Target(file.Name), rest.Bytes);
                    }
                }
            }
            catch (UserError e)
            {
                problem = e;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                problem = new UserError(
                    $"{file.Name} cannot be changed: {e.Message.TrimEnd('.')}", "run this as the user who may write that file");
            }
        }

        return tokens.Where(token => problem is not null || gone.Contains(token)).Select(token => new TokenRemoval(token, problem));
    }

    private static UserError? ProblemWith(ClientFile file) =>
        file.Path is null
            ? new UserError($"{file.Name} is a variable, which only whoever sets it can change", $"unset {file.Name}")
        : IsAnothers(file.Name)
            ? new UserError($"{file.Name} belongs to another user", "have its owner run: ark setup --remove-stale-tokens")
        : null;

    /// <summary>The owner of a file that root edits stays; anybody else would make it their own.</summary>
    private static bool IsAnothers(string path)
    {
        try
        {
            return !OperatingSystem.IsWindows() && Ownership.User != 0
                && FileStamp.Of(path) is { Owner: var owner } && owner != Ownership.User;
        }
        catch (IOException)
        {
            return false;
        }
    }
}

/// <summary>A token of ECR in a client's file or variable.</summary>
/// <param name="File">Where it is, and whose that is.</param>
/// <param name="Key">The key in <c>auths</c>, as it is written.</param>
/// <param name="ExpiresAt">Its end, as it says itself.</param>
/// <param name="IsDead">Whether that is over.</param>
internal sealed record FoundToken(ClientFile File, string Key, DateTimeOffset ExpiresAt, bool IsDead)
{
    /// <summary>The registry that it is for.</summary>
    public string Host => RegistryHost.Registry(Key);

    /// <summary>Whose file it is, for people.</summary>
    public string Client => File.Client;

    /// <summary>Whether a client of this environment uses it, and asks no helper for this host.</summary>
    public required bool Shadows { get; init; }

    /// <summary>False for one in a variable, which is not ours to change.</summary>
    public bool CanBeRemoved => File.Path is not null;
}

/// <summary>What became of a token that was to be removed.</summary>
/// <param name="Token">The token.</param>
/// <param name="Problem">Why it is still there; null when it is gone.</param>
internal sealed record TokenRemoval(FoundToken Token, UserError? Problem);
