namespace Ocr;

/// <summary>An upright rectangle of pixels.</summary>
/// <param name="Left">The first column.</param>
/// <param name="Top">The first row.</param>
/// <param name="Width">How many columns.</param>
/// <param name="Height">How many rows.</param>
public readonly record struct Box(int Left, int Top, int Width, int Height);
