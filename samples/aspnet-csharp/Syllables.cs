namespace AspNet;

/// <summary>Counts syllables of English words, nearly: runs of vowels, but for an e at the end. A part of the application.</summary>
public sealed class Syllables
{
    /// <summary>How many syllables a word has, one at least.</summary>
    /// <param name="word">The word.</param>
    /// <returns>The count.</returns>
    public int Count(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        var count = 0;
        var isInVowels = false;

        foreach (var letter in word)
        {
            var isVowel = "aeiouyAEIOUY".Contains(letter, StringComparison.Ordinal);
            count += isVowel && !isInVowels ? 1 : 0;
            isInVowels = isVowel;
        }

        var isSilent = word.EndsWith('e') && !word.EndsWith("le", StringComparison.Ordinal);
        return Math.Max(1, isSilent ? count - 1 : count);
    }
}
