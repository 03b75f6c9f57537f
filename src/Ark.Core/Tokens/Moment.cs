namespace Ark.Core.Tokens;

/// <summary>One look at the time: what the wall clock says, and how long the process has certainly lived.</summary>
/// <param name="Wall">The wall clock, for people and for what AWS says. It may jump either way between two looks.</param>
/// <param name="Age">Time since the start, from <see cref="AgeClock"/>. Everything that must not be cheated is measured on it.</param>
internal readonly record struct Moment(DateTimeOffset Wall, TimeSpan Age);
