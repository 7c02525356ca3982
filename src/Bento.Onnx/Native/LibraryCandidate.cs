namespace Bento.OnnxRuntime.Native;

/// <summary>One place where the native library may be.</summary>
internal sealed record LibraryCandidate(LibraryOrigin Origin, string Name);
