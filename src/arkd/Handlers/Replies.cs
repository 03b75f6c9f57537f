using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Ark.Core.Problems;
using Ark.Core.Tokens;
using Ark.Wire;

namespace Ark.Daemon.Handlers;

/// <summary>The texts and streams of the credential-helper protocol, in one place.</summary>
internal static class Replies
{
    /// <summary>The one sentence by which clients know "not mine" from "failed"; they compare it byte for byte.</summary>
    private const string NotFoundSentence = "credentials not found in native keychain";

    /// <summary>A registry address, an image's parts and names: each is bounded by its own parser.</summary>
    private const int MaxAroundSecret = 8192;

    private static readonly JsonWriterOptions Plain = new()
    {
        // The answer goes through a pipe and into a JSON parser, never into a web page: "+" need not be escaped.
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Reply Silence { get; } = new(0, [], [], Build.Current);

    // Made anew each time: whoever sends a reply wipes it.
    public static Reply NoServer => Text(1, "no credentials server URL");

    public static Reply NoUsername => Text(1, "no credentials username");

    public static Reply Text(int exitCode, string stdout) => new(exitCode, Line(stdout), [], Build.Current);

    /// <summary>A line, and another for the person at the terminal.</summary>
    public static Reply Text(int exitCode, string stdout, string stderr) =>
        new(exitCode, Line(stdout), Line(TextSanitizer.Line(stderr)), Build.Current);

    /// <summary>A whole document that is no secret, with lines for the person at the terminal.</summary>
    public static Reply Document(ReadOnlySpan<byte> json, IReadOnlyCollection<string> notes) =>
        new(0, [.. json, (byte)'\n'], [.. notes.SelectMany(note => Line(TextSanitizer.Line(note)))], Build.Current);

    /// <summary>Not ours: the client goes on without credentials. The reason, if any, is for the person at the terminal.</summary>
    public static Reply NotFound(string? reason) =>
        new(1, Line(NotFoundSentence), reason is null ? [] : Line($"ark: note: {TextSanitizer.Line(reason)}"), Build.Current);

    /// <summary>As <see cref="NotFound(string?)"/>, where it is a problem that is no reason to stop.</summary>
    public static Reply NotFound(Problem problem, string note) =>
        new(1, Line(NotFoundSentence), Line($"ark: note: {TextSanitizer.Line(note)}\n{Code(problem)}"), Build.Current);

    /// <summary>
    /// Ours and failing, for a client that would give up everything because of it: it goes on without, and the person reads why.
    /// </summary>
    public static Reply NotFoundFor(Problem problem) => Failure(problem) with { Stdout = Line(NotFoundSentence) };

    /// <summary>The same reply with a word for the person at the terminal.</summary>
    public static Reply Noted(Reply reply, string note) =>
        reply with { Stderr = [.. reply.Stderr, .. Line($"ark: note: {TextSanitizer.Line(note)}")] };

    /// <summary>Ours, and failing: never the not-found sentence. docker pull and push show only the second stream.</summary>
    public static Reply Failure(Problem problem)
    {
        string message = problem.Message;
        return new Reply(1, Line(message), Line($"ark: error: {message}\nark: hint: {problem.Hint}\n{Code(problem)}"), Build.Current);
    }

    /// <summary>
    /// A success, since a failing erase keeps docker from removing its own entry, with a warning about what stays elsewhere. Silence where
    /// there was nothing, and in a loop, where the request that began it says how it ended.
    /// </summary>
    public static Reply NotErased(RequestContext context, string reason) =>
        reason == NotFoundSentence || context.Caller[IdentityVariables.Loop] is not null
            ? Silence
            : new Reply(
                0,
                [],
                Line($"ark: warning: the credentials for {context.Host} were not erased: {TextSanitizer.Line(reason)}"),
                Build.Current);

    /// <summary>Registries and their users, in this order.</summary>
    public static Reply List(IEnumerable<KeyValuePair<string, string>> users, string? warning)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            foreach ((string registry, string user) in users)
            {
                json.WriteString(registry, user);
            }

            json.WriteEndObject();
        }

        byte[] stderr = warning is null ? [] : Line($"ark: warning: {TextSanitizer.Line(warning)}");
        return new Reply(0, [.. buffer.WrittenSpan, (byte)'\n'], stderr, Build.Current);
    }

    /// <summary>Several answers as one, which is a failure if one of them is.</summary>
    public static Reply All(IReadOnlyCollection<Reply> replies) => new(
        replies.Max(reply => reply.ExitCode),
        [.. replies.SelectMany(reply => reply.Stdout)],
        [.. replies.SelectMany(reply => reply.Stderr)],
        Build.Current);

    /// <summary>A message without a secret in it.</summary>
    public static Reply Json<T>(T message, JsonTypeInfo<T> type)
    {
        var pieces = new PiecewiseWriter();
        var form = new JsonWriterOptions { Encoder = type.Options.Encoder, Indented = type.Options.WriteIndented };
        using (var json = new Utf8JsonWriter(pieces, form))
        {
            JsonSerializer.Serialize(json, message, type);
        }

        return pieces.ToReply();
    }

    /// <summary>A problem that takes several lines to tell, with what helps against all of it.</summary>
    public static Reply Failure(Problem problem, IEnumerable<string> lines, string hint) =>
        new(
            1,
            Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => $"{TextSanitizer.Line(line)}\n"))),
            Line($"ark: hint: {TextSanitizer.Line(hint)}\n{Code(problem)}"),
            Build.Current);

    /// <summary>A message with a secret of <paramref name="length"/> bytes in it, written to pinned memory that is wiped.</summary>
    public static Reply Secret<T>(int length, string? warning, T message, JsonTypeInfo<T> type)
    {
        var buffer = new PinnedWriter(length + MaxAroundSecret);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            JsonSerializer.Serialize(json, message, type);
        }

        return buffer.ToReply(warning);
    }

    /// <summary>docker's JSON, with the server exactly as the client named it: some use it as the registry's address.</summary>
    public static Reply Credentials(ReadOnlySpan<byte> server, TokenAnswer.Token token)
    {
        var buffer = new PinnedWriter(token.Secret.Length + MaxAroundSecret);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteString("ServerURL"u8, server);
            json.WriteString("Username"u8, token.Username);
            json.WriteString("Secret"u8, token.Secret);
            json.WriteEndObject();
        }

        return buffer.ToReply(token.Warning);
    }

    /// <summary>The password alone, as <c>aws ecr get-login-password</c> prints it.</summary>
    public static Reply Password(TokenAnswer.Token token)
    {
        var buffer = new PinnedWriter(token.Secret.Length + 1);
        token.Secret.CopyTo(buffer.GetSpan(token.Secret.Length));
        buffer.Advance(token.Secret.Length);
        return buffer.ToReply(token.Warning);
    }

    private static string Code(Problem problem) => $"ark: code: {problem.Code}";

    private static byte[] Line(string text) => Encoding.UTF8.GetBytes($"{text}\n");

    /// <summary>
    /// A buffer for a listing of any length. One that doubles would leave arrays so large that the collector keeps their room for long.
    /// </summary>
    private sealed class PiecewiseWriter : System.Buffers.IBufferWriter<byte>
    {
        private const int Piece = 32 * 1024;

        private readonly List<byte[]> _full = [];
        private byte[] _room = new byte[Piece];
        private int _written;

        public void Advance(int count) => _written += count;

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            if (_room.Length - _written < Math.Max(sizeHint, 1))
            {
                Cut();
                _room = sizeHint <= _room.Length ? _room : new byte[sizeHint];
            }

            return _room.AsMemory(_written);
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public Reply ToReply()
        {
            GetSpan(1)[0] = (byte)'\n';
            _written++;
            Cut();
            return _full is [var whole] ? new Reply(0, whole, [], Build.Current) : Reply.InPieces(_full, Build.Current);
        }

        private void Cut()
        {
            for (int start = 0; start < _written; start += Piece)
            {
                _full.Add(_room[start..Math.Min(_written, start + Piece)]);
            }

            _written = 0;
        }
    }

    /// <summary>A buffer that the collector does not copy around and that leaves no half-filled predecessors behind.</summary>
    private sealed class PinnedWriter : System.Buffers.IBufferWriter<byte>
    {
        /// <summary>What Utf8JsonWriter asks for at a time, whatever it needs.</summary>
        private const int Block = 4096;

        private const int Usual = 64 * 1024;

        /// <summary>Each thread has one of the usual size, which is clean between two answers.</summary>
        [ThreadStatic]
        private static byte[]? t_usual;

        private readonly byte[] _bytes;
        private int _length;

        /// <param name="capacity">
        /// How much will be written, at most. JSON may escape a few characters, and the line ends with a newline.
        /// </param>
        public PinnedWriter(int capacity)
        {
            int room = (capacity * 2) + (2 * Block);
            _bytes = room <= Usual ? t_usual ??= Pinned(Usual) : Pinned(room);
        }

        public void Advance(int count) => _length += count;

        public Memory<byte> GetMemory(int sizeHint = 0) => _bytes.AsMemory(_length);

        public Span<byte> GetSpan(int sizeHint = 0) => _bytes.AsSpan(_length);

        public Reply ToReply(string? warning)
        {
            _bytes[_length++] = (byte)'\n';
            var exact = Wire.Secret.RentCopy(_bytes.AsSpan(0, _length));
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(_bytes.AsSpan(0, _length));
            return Reply.Lending(exact, warning is null ? [] : Line($"ark: warning: {warning}"), Build.Current);
        }

        private static byte[] Pinned(int length) => GC.AllocateUninitializedArray<byte>(length, pinned: true);
    }
}
