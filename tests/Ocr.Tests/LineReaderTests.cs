using Xunit;

namespace Ocr.Tests;

public sealed class LineReaderTests
{
    private static readonly string[] _characters = ["", "a", "b", " "];

    [Theory]
    [InlineData("", "")]
    [InlineData("0000", "")]
    [InlineData("0110222", "ab")]
    [InlineData("1011", "aa")]
    [InlineData("13320", "a b")]
    [InlineData("3103", "a")]
    public void What_is_said_again_without_a_pause_is_said_once(string best, string text)
    {
        var probabilities = best.SelectMany(step => Enumerable.Range(0, 4).Select(one => one == step - '0' ? 0.7f : 0.1f)).ToArray();
        var (read, confidence) = LineReader.Decode(probabilities, _characters);
        Assert.Equal(text, read);
        Assert.Equal(best.Any(step => step != '0') ? 0.7 : 0, confidence, 1e-6);
    }
}
