namespace CSharp.Types;

/// <summary>A positional record, as most inputs in C# are.</summary>
public sealed record Passage(string Text, string? Language, int Sentences = 3, Tone Tone = Tone.Plain);

/// <summary>Travels as its name.</summary>
public enum Tone
{
    Plain,
    Formal,
}

/// <summary>Has defaults of types that hold null too.</summary>
public sealed record Letter(string Text, Tone? Tone = Tone.Formal, int? Pages = 2, DateTime Day = default);

/// <summary>Made first and filled afterwards.</summary>
public sealed record Options
{
    public required string Name { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    public double Threshold { get; set; } = 0.5;

    public string? Note { get; init; }

    public string Shown => $"{Name} at {Threshold}";
}

/// <summary>A constructor, and more that may be set.</summary>
public sealed class Mixed(int count)
{
    public int Count { get; } = count;

    public int? Extra { get; init; }

    public string Label { get; init; } = "none";
}

/// <summary>Holds lists in which null may or may not be.</summary>
public sealed record Nulls(List<string> Sure, List<string?> Unsure, Dictionary<string, string?> Named);

/// <summary>A struct that only has what is set.</summary>
public struct Point
{
    public int X { get; set; }

    public int Y { get; set; }
}

/// <summary>Refuses what its constructor refuses.</summary>
public sealed record Even
{
    public Even(int value)
    {
        if (value % 2 != 0)
        {
            throw new ArgumentException("odd", nameof(value));
        }

        Value = value;
    }

    public int Value { get; }
}

/// <summary>Has two ways to be made.</summary>
public sealed class TwoWays
{
    public TwoWays()
    {
    }

    public TwoWays(int value) => Value = value;

    public int Value { get; }
}

/// <summary>Takes what it does not show.</summary>
public sealed class Opaque(int secret)
{
    public int Twice => 2 * secret;
}

/// <summary>Has nothing to send.</summary>
public sealed class Empty
{
}

/// <summary>Compared and hashed as the compiler of C# has it.</summary>
public sealed record Spot(long X, long Y);

/// <summary>Compared and hashed as .NET has it for a struct that says nothing of it.</summary>
public struct Mark
{
    public long X { get; set; }

    public string? Note { get; set; }
}
