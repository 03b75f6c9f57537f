using System.Collections.Concurrent;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Wire;

namespace Ark.Daemon.Handlers;

/// <summary>
/// Tells each warning with one answer, until what it is about changes: a person reads it once, a build does not repeat it.
/// </summary>
internal sealed class WarnedOnce
{
    /// <summary>Past this many they are told again.</summary>
    private const int MaxRemembered = 256;

    private readonly ConcurrentDictionary<SourceWarning, bool> _told = new();

    public TokenAnswer.Token AddTo(TokenAnswer.Token token, SourceWarning? warning)
    {
        if (warning is null)
        {
            return token;
        }

        if (_told.Count >= MaxRemembered)
        {
            _told.Clear();
        }

        string line = TextSanitizer.Line(warning.Text);
        return !_told.TryAdd(warning, true) ? token
            : token with { Warning = token.Warning is { } other ? $"{other}\nark: warning: {line}" : line };
    }
}
