using System.ComponentModel.DataAnnotations;
using Bento.CSharp;

namespace AspNet;

/// <summary>How easy a text is to read.</summary>
/// <param name="Ease">Flesch's reading ease: about 100 for what children read, below 30 for a law.</param>
/// <param name="Sentences">How many sentences there are.</param>
/// <param name="Words">How many words there are.</param>
public sealed record Reading(double Ease, int Sentences, int Words);

/// <summary>Judges English texts. The application gives it what it needs.</summary>
/// <param name="syllables">A part of the application.</param>
/// <param name="log">The application's log.</param>
[Service(Description = "Says how easy an English text is to read.")]
[Traffic(TimeoutSeconds = 5, BodyLimit = "256KiB")]
public sealed partial class Readability(Syllables syllables, ILogger<Readability> log)
{
    private static readonly char[] _ends = ['.', '!', '?'];

    private static readonly char[] _gaps = [' ', '\n', '\r', '\t', ',', ';', ':', '"', '(', ')', '.', '!', '?'];

    /// <summary>Judges one text.</summary>
    /// <param name="text">The text, of one word at least.</param>
    /// <returns>How easy it is, and what that was computed from.</returns>
    [Api]
    public Reading Read([Required, StringLength(100_000, MinimumLength = 1)] string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var words = text.Split(_gaps, StringSplitOptions.RemoveEmptyEntries);
        var sentences = Math.Max(1, text.Split(_ends, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Length);

        if (words.Length == 0)
        {
            throw new Bento.BentoException(400, "The text has no word; give it one at least.");
        }

        var ease = 206.835 - (1.015 * words.Length / sentences) - (84.6 * words.Sum(syllables.Count) / words.Length);
        LogRead(log, words.Length);
        return new(Math.Round(ease, 1), sentences, words.Length);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Read {Words} words")]
    private static partial void LogRead(ILogger log, int words);
}
