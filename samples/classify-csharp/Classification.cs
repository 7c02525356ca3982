using Bento;
using Bento.CSharp;

namespace ClassifyCSharp;

/// <summary>Some source code, a file or a part of one.</summary>
/// <param name="Text">The code itself, without its file's name.</param>
public sealed record Source(string Text);

/// <summary>A programming language, and how sure the model is of it.</summary>
/// <param name="Language">A usual file extension.</param>
/// <param name="Confidence">The model's probability, 1 at most.</param>
public sealed record Guess(string Language, double Confidence);

/// <summary>Tells which programming language a text is written in.</summary>
[Service("classification", Description = "Tells which of 54 programming languages a text is written in.")]
[Label("license", "Apache-2.0")]
public sealed class Classification : IDisposable
{
    // Beside this assembly, which need not be where the process was started from.
    private readonly Classifier _classifier = Classifier.Load(
        Path.Combine(Path.GetDirectoryName(typeof(Classification).Assembly.Location)!, "models", "guesslang"));

    // The first run of a model takes longer than others, so that no caller waits for it.
    private static Source Usual => new("let answer = 42\n");

    /// <summary>Tells in which programming languages the texts of many requests are written, and how sure that is.</summary>
    /// <param name="sources">A text of each request.</param>
    /// <param name="batch">Who waits for the answers.</param>
    /// <returns>A guess for each, or why there is none.</returns>
    // A call with 16 rows costs a row little more than one with 64 does, and while it runs the requests of other callers
    // are read, gathered and answered: a batch of all callers would have every core but one wait for it.
    [Api(Batched = true, MaxBatch = 16, Warmup = nameof(Usual))]
    public BatchOutcome<Guess>[] Classify(Source[] sources, BatchContext batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var guesses = _classifier.Guess(Array.ConvertAll(sources, source => source.Text), batch.Cancellation);

        return
        [
            .. sources.Zip(guesses, (source, guess) => source.Text.Length > 0
                ? (BatchOutcome<Guess>)guess
                : new BentoException(400, "\"text\" is empty; wanted at least one character.")),
        ];
    }

    /// <inheritdoc/>
    public void Dispose() => _classifier.Dispose();
}
