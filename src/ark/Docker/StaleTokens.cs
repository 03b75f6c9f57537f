using Ark.Cli.Files;
using Ark.Cli.Output;

namespace Ark.Cli.Docker;

/// <summary>
/// ECR's tokens in the files of docker and of other clients. A login writes them there, nobody removes them, and twelve hours later the client
/// goes on using one that is over.
/// </summary>
internal static class StaleTokens
{
    /// <summary>All tokens in all places, dead or alive. A file that cannot be read or understood has none.</summary>
    public static IReadOnlyList<FoundToken> Find(UserPaths paths) =>
    [
        .. from place in paths.ClientFiles
           from login in LoginsIn(place)
           where login.IsEcrToken
           select new FoundToken(place, login),
        .. from login in LoginsIn(paths.DockerAuthConfig)
           where login.IsEcrToken
           select new FoundToken(new ClientFile("docker", null), login),
    ];

    /// <summary>Removes tokens from their files, each file in one step; every other byte stays.</summary>
    /// <exception cref="UserError">A file cannot be understood any more.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be written.</exception>
    public static void Remove(IEnumerable<FoundToken> tokens)
    {
        foreach (IGrouping<ClientFile, FoundToken> found in tokens.Where(token => token.CanBeRemoved).GroupBy(token => token.Place))
        {
            string path = SafeFile.Target(found.Key.Path!);
            if (SafeFile.Read(path) is { } bytes)
            {
                DockerConfig config = found.Aggregate(Parse(bytes, found.Key), (rest, token) => rest.WithoutLogin(token.Login.Key));
                SafeFile.Replace(path, config.Bytes);
            }
        }
    }

    private static IEnumerable<StoredLogin> LoginsIn(ClientFile place)
    {
        try
        {
            return SafeFile.Read(place.Path!) is { } bytes ? Parse(bytes, place).AllStoredLogins : [];
        }
        catch (Exception e) when (e is UserError or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static IEnumerable<StoredLogin> LoginsIn(byte[]? variable)
    {
        try
        {
            return variable is null ? [] : DockerConfig.Parse(variable, "DOCKER_AUTH_CONFIG").AllStoredLogins;
        }
        catch (UserError)
        {
            return [];
        }
    }

    private static DockerConfig Parse(byte[] bytes, ClientFile place) =>
        place.IsOldFormat ? DockerConfig.ParseOldFormat(bytes, place.Path!) : DockerConfig.Parse(bytes, place.Path!);
}

/// <summary>A token, and where it was found.</summary>
internal sealed record FoundToken(ClientFile Place, StoredLogin Login)
{
    /// <summary>False for one in a variable, which is not ours to change.</summary>
    public bool CanBeRemoved => Place.Path is not null;
}
