using System.ComponentModel.DataAnnotations;
using System.Runtime.CompilerServices;

namespace Bento.CSharp.Tests.Services;

public sealed record Summary(string Brief, int Length, string? Title);

public enum Tone
{
    Plain = 0,
    Formal = 1,
}

public sealed record Passage(
    string Body, [Range(1, 10)] int MaxWords = 3, string? Language = null, Tone Tone = Tone.Plain)
{
    public required IReadOnlyList<string> Tags { get; init; }
}

[Service(Description = "The same in two languages.", Version = "1.2.0", Workers = 2, Threads = 3)]
[Label("team", "search")]
[Resources(Cpu = 1, Memory = "200MiB")]
[Traffic(TimeoutSeconds = 20, Concurrency = 50, Queue = 4, IdleSeconds = 30, BodyLimit = "1MiB")]
public sealed class Twin
{
    private const string Separator = " ";

    private static IReadOnlyList<string> Letters => ["a", "b"];

    /// <summary>Makes a text short. The first sentences stay.</summary>
    /// <param name="text">What is shortened.</param>
    /// <param name="sentences">How many sentences stay.</param>
    /// <param name="title">A word on top.</param>
    [Api]
    public async Task<Summary> SummarizeAsync(
        [StringLength(100, MinimumLength = 1)] string text,
        [Range(1, 10)] int sentences = 3,
        string? title = null,
        CancellationToken cancellation = default)
    {
        await Task.Delay(1, cancellation);
        return new(string.Join(Separator, text.Split(Separator).Take(sentences)), text.Length, title);
    }

    [Api(Route = "/v1/length", TimeoutSeconds = 2.5, BodyLimit = "2KiB")]
    public int Length([Root] string text) => text.Length;

    [Api]
    public async IAsyncEnumerable<string> WordsAsync(
        Passage passage, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        foreach (var word in passage.Body.Split(Separator).Take(passage.MaxWords))
        {
            await Task.Delay(1, cancellation);
            yield return word;
        }
    }

    [Api]
    public async IAsyncEnumerable<int> Echo(
        IAsyncEnumerable<string> messages, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var message in messages.WithCancellation(cancellation))
        {
            yield return message.Length;
        }
    }

    [Api]
    public string DescribePassage(Passage passage) =>
        $"{passage.Tone} {passage.MaxWords} {passage.Language} {string.Join(",", passage.Tags)}";

    [Api]
    public DateOnly NextDay(DateOnly day, int? times) => day.AddDays(times ?? 1);

    [Api]
    public int Fail([Root] int code) => throw new BentoException(code, "as asked");

    [Api(Batched = true, MaxBatch = 8, MaxDelayMilliseconds = 2, Warmup = nameof(Letters))]
    public Task<BatchOutcome<string>[]> UpperAsync(string[] texts) =>
        Task.FromResult(Array.ConvertAll<string, BatchOutcome<string>>(
            texts,
            text => text.Length == 0 ? new BentoException(422, "nothing to raise") : text.ToUpperInvariant()));

    [Api(BatchedRows = true, MaxBatch = 2, Warmup = nameof(Letter))]
    public int[] Lengths(string[] texts) => Array.ConvertAll(texts, text => text.Length);

    private static string[] Letter() => ["a"];
}
