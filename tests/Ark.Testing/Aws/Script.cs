namespace Ark.Testing.Aws;

/// <summary>Which behavior comes next, by operation and, where a test cares, by principal.</summary>
internal sealed class Script
{
    private readonly Lock _gate = new();
    private readonly List<Line> _lines = [];

    public void Add(string operation, Behavior behavior, string? principal, int? times)
    {
        lock (_gate)
        {
            if (times is null)
            {
                _lines.RemoveAll(line => line.Left is null && line.Operation == operation && line.Principal == principal);
            }

            _lines.Add(new Line(operation, behavior, principal) { Left = times });
        }
    }

    public void Clear(string operation)
    {
        lock (_gate)
        {
            _lines.RemoveAll(line => line.Operation == operation);
        }
    }

    /// <summary>The oldest counted line that fits, else the lasting one, else null for the usual answer.</summary>
    public Behavior? Take(string operation, Principal? principal)
    {
        lock (_gate)
        {
            var fitting = _lines.Where(line =>
                line.Operation == operation && (line.Principal is null || line.Principal == principal?.Name)).ToList();
            var line = fitting.Find(line => line.Left is not null) ?? fitting.Find(line => line.Left is null);
            if (line?.Left is not null && --line.Left == 0)
            {
                _lines.Remove(line);
            }

            return line?.Behavior;
        }
    }

    private sealed record Line(string Operation, Behavior Behavior, string? Principal)
    {
        public int? Left { get; set; }
    }
}
