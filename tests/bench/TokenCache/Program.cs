using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Ark.Core.Tokens;

// What a cached token costs beyond its secret, in memory and in time. Each figure stands beside the least that does the same on this
// machine in this run: the secrets alone in a ConcurrentDictionary.
const int Keys = 10_000;
const int SecretBytes = 2_500;
const int Threads = 2;
TimeSpan lasting = TimeSpan.FromSeconds(2);

using var cache = new TokenCache(TimeProvider.System);
(double bytes, double resident) = Taken(Get);
var secrets = new ConcurrentDictionary<string, byte[]>();
(double leastBytes, double leastResident) = Taken(i => secrets[$"key {i}"] = Pinned());

double nanoseconds = NanosecondsEach(Get);
double sameKey = NanosecondsEach(_ => Get(7));
double leastNanoseconds = NanosecondsEach(i => secrets[$"key {i}"].AsSpan().CopyTo(Pinned()));

Line("memory of a key", bytes, "bytes", leastBytes);
Line("the same, resident", resident, "bytes", leastResident);
Line($"a hit, {Keys} keys, {Threads} threads", nanoseconds, "ns", leastNanoseconds);
Line($"a hit, one key, {Threads} threads", sameKey, "ns", leastNanoseconds);
return;

void Get(int i)
{
    Task<TokenAnswer> answer = cache.GetAsync(new Source(i), RefreshPolicy.Default, $"host-{i}.example.com", null, CancellationToken.None);
    ((TokenAnswer.Token)answer.Result).Dispose();
}

double NanosecondsEach(Action<int> act)
{
    // The processor's time, not the clock's: other programs run on this machine too.
    long done = 0;
    using var self = Process.GetCurrentProcess();
    TimeSpan before = self.TotalProcessorTime;
    var watch = Stopwatch.StartNew();
    Thread[] threads = [.. Enumerable.Range(0, Threads).Select(thread => new Thread(() =>
    {
        int i = thread;
        for (; watch.Elapsed < lasting; i += Threads)
        {
            act(i % Keys);
        }

        Interlocked.Add(ref done, i / Threads);
    }))];
    Array.ForEach(threads, thread => thread.Start());
    Array.ForEach(threads, thread => thread.Join());
    self.Refresh();
    return (self.TotalProcessorTime - before).TotalNanoseconds / done;
}

static (double Live, double Resident) Taken(Action<int> makeKey)
{
    long live = GC.GetTotalMemory(forceFullCollection: true);
    long resident = Resident();
    for (int i = 0; i < Keys; i++)
    {
        makeKey(i);
    }

    long residentAfter = Resident();
    return ((GC.GetTotalMemory(forceFullCollection: true) - live) / (double)Keys, (residentAfter - resident) / (double)Keys);
}

static long Resident()
{
    using var self = Process.GetCurrentProcess();
    return self.WorkingSet64;
}

static byte[] Pinned() => GC.AllocateUninitializedArray<byte>(SecretBytes, pinned: true);

static void Line(string what, double value, string unit, double least) => Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture, $"{what,-34} {value,10:0} {unit,-6} {value / least,6:0.00} times the secrets alone ({least:0})"));

/// <summary>A source as AWS's is to the cache: its own strings, as each request brings them, and a token of twelve hours.</summary>
internal sealed class Source(int number) : ITokenSource
{
    public TokenKey Key { get; } = new("aws", string.Concat("eu-west-", "1"), "ecr", "", $"profile number {number} 0123456789abcdef");

    public string Identity { get; } = $"profile number {number}";

    public bool OutlivesRequest => true;

    public Task<FetchOutcome> FetchAsync(CancellationToken cancellationToken)
    {
        byte[] secret = new byte[2_500];
        Random.Shared.NextBytes(secret);
        var token = new AuthorizationToken("AWS", secret, DateTimeOffset.UtcNow.AddHours(12));
        return Task.FromResult<FetchOutcome>(new FetchOutcome.Fetched(token));
    }
}
