using System.Globalization;

namespace Bento.CSharp.Analyzers;

/// <summary>Numbers with a unit behind them, as Kubernetes writes them.</summary>
internal static class Quantities
{
    public const string WantedCores = "cores above zero in steps of a thousandth, such as 2, 0.5 or \"500m\"";

    public const string WantedMemory =
        "whole bytes above zero with no unit, or with one such as MiB, Mi, GiB, Gi, MB or M: \"500MiB\"";

    private static readonly (string Suffix, decimal Factor)[] _cores = [("", 1000), ("m", 1)];

    private static readonly (string Suffix, decimal Factor)[] _memory = [.. MemorySuffixes()];

    public static bool AreCores(string text) => IsWhole(text, _cores);

    public static bool IsMemory(string text) => IsWhole(text, _memory);

    private static IEnumerable<(string Suffix, decimal Factor)> MemorySuffixes()
    {
        decimal binary = 1;
        decimal thousands = 1;

        foreach (var letter in "KMGT")
        {
            binary *= 1024;
            thousands *= 1000;
            yield return (letter + "i", binary);
            yield return (letter + "iB", binary);
            yield return (letter + "B", thousands);
            yield return (letter == 'K' ? "k" : letter.ToString(), thousands);
        }
    }

    /// <summary>Whether a text is a whole number of the smallest unit, above zero and within 64 bits; the longest suffix wins.</summary>
    private static bool IsWhole(string text, (string Suffix, decimal Factor)[] suffixes)
    {
        var (suffix, factor) = suffixes
            .Where(one => text.EndsWith(one.Suffix, StringComparison.Ordinal))
            .OrderByDescending(one => one.Suffix.Length)
            .DefaultIfEmpty(("", 1))
            .First();

        var digits = text.Substring(0, text.Length - suffix.Length);

        return decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && number > 0
            && number <= long.MaxValue / factor
            && number * factor == decimal.Truncate(number * factor);
    }
}
