namespace Ark.Testing.Aws;

/// <summary>The repositories of every account and region, in the order of their making.</summary>
internal sealed class RepositoryStore
{
    private readonly Lock _gate = new();
    private readonly List<StandInRepository> _repositories = [];

    /// <summary>How many one registry may have.</summary>
    public int Limit { get; set; } = int.MaxValue;

    public IReadOnlyList<StandInRepository> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _repositories];
            }
        }
    }

    public IReadOnlyList<StandInRepository> In(string account, string region) =>
        [.. All.Where(repository => repository.Account == account && repository.Region == region)];

    public StandInRepository? Find(string account, string region, string name) =>
        In(account, region).FirstOrDefault(repository => repository.Name == name);

    /// <summary>False, and nothing happens, when the name is taken.</summary>
    public bool Add(StandInRepository repository)
    {
        lock (_gate)
        {
            if (Find(repository.Account, repository.Region, repository.Name) is not null)
            {
                return false;
            }

            _repositories.Add(repository);
            return true;
        }
    }

    public void Replace(StandInRepository old, StandInRepository repository)
    {
        lock (_gate)
        {
            _repositories[_repositories.IndexOf(old)] = repository;
        }
    }

    public void Remove(StandInRepository repository)
    {
        lock (_gate)
        {
            _repositories.Remove(repository);
        }
    }
}
