using System.Runtime.CompilerServices;

namespace Bento.CSharp.Tests.Services;

public sealed record Pair(int First, string? Second);

/// <summary>Takes parameters in every way.</summary>
[Service("shapes", SnakeCase = true, Strict = true)]
public class Shapes
{
    /// <summary>Is not the instance's.</summary>
    [Api]
    public static int Static([Root] int number) => number + 1;

    [Api("itself")]
    public Pair OfRecord(Pair pair) => pair;

    [Api]
    public Pair? Maybe(Pair? pair) => pair;

    [Api]
    public string? MaybeText(string? text) => text;

    [Api]
    public async Task<string?> MaybeLaterAsync([Root] string? text)
    {
        await Task.Yield();
        return text;
    }

    [Api]
    public int[] OnlyList([Root] int[] numbers) => numbers;

    [Api]
    public int Sum(IReadOnlyList<int> firstNumbers, Dictionary<string, int>? moreNumbers = null, Pair? pair = null) =>
        firstNumbers.Sum() + (moreNumbers?.Values.Sum() ?? 0) + (pair?.First ?? 0);

    [Api]
    public string About(int number, Context context) => $"{context.Request.Method} {context.Request.Path} {number}";

    [Api]
    public string Speak(string text, Tone? tone = Tone.Formal, TimeSpan? pause = null) => $"{tone} {text} {pause?.TotalSeconds}";

    [Api]
    public string Nothing() => "nothing";

    [Api]
    public Task<string> FileAsync(Bento.File upload, string title) => Task.FromResult($"{title}: {upload.Name}, {upload.Length}");

    [Api(TimeoutSeconds = 0.2)]
    public async Task<int> SleepAsync([Root] int milliseconds, CancellationToken cancellation)
    {
        await Task.Delay(milliseconds, cancellation);
        return milliseconds;
    }

    [Api]
    public virtual string Overridden() => "base";

    [Api]
    public async IAsyncEnumerable<Pair> CountAsync(int to, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        for (var number = 0; number < to; number++)
        {
            await Task.Delay(1, cancellation);
            yield return new(number, number == 0 ? null : $"{number}");
        }
    }

    [Api(Batched = true, MaxBatch = 4, MaxDelayMilliseconds = 200)]
    public string[] Together(Pair[] pairs, BatchContext context) =>
        Array.ConvertAll(pairs, pair => $"{pair.First} of {pairs.Length}, {context.RequestIds.Count}");
}

/// <summary>Has what its base has.</summary>
[Service("derived")]
public sealed class Derived : Shapes
{
    public override string Overridden() => "derived";

    [Api]
    public int Own(int a, int b) => a * b;
}
