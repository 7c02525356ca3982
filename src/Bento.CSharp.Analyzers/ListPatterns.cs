namespace System;

/// <summary>What the compiler makes list patterns of, which .NET Standard 2.0 does not have.</summary>
internal readonly struct Index(int value, bool fromEnd = false)
{
    public int GetOffset(int length) => fromEnd ? length - value : value;
}
