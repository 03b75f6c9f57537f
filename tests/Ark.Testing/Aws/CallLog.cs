namespace Ark.Testing.Aws;

/// <summary>Every call in the order of arrival, with a way to wait for the next one without sleeping.</summary>
internal sealed class CallLog
{
    private readonly Lock _gate = new();
    private readonly List<AwsCall> _calls = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<AwsCall> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _calls];
            }
        }
    }

    public void Add(AwsCall call)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _calls.Add(call);
            (changed, _changed) = (_changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        changed.SetResult();
    }

    public async Task Reached(string operation, int count)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_calls.Count(call => call.Operation == operation) >= count)
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed;
        }
    }
}
