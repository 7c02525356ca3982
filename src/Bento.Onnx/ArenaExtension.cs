namespace Bento.OnnxRuntime;

/// <summary>By how much an arena grows when it has too little memory.</summary>
public enum ArenaExtension
{
    /// <summary>By the next power of two, so that it grows seldom.</summary>
    NextPowerOfTwo = 0,

    /// <summary>By what is asked for, so that it stays small.</summary>
    SameAsRequested = 1,
}
