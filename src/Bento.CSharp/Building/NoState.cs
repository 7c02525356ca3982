namespace Bento.CSharp;

/// <summary>The state of a worker that has none.</summary>
public readonly record struct NoState;
