using Microsoft.CodeAnalysis;

namespace Bento.CSharp.Analyzers;

/// <summary>Where files may be in what travels, which are no part of JSON. Each question is about a type that can travel otherwise.</summary>
internal static class FilePlacement
{
    /// <summary>A message of a socket is one piece in memory.</summary>
    public static string? OfMessage(ITypeSymbol type) =>
        HasFile(type, []) ? "has a file, which no message of a socket is; let it be byte[]" : null;

    /// <summary>A field of an input.</summary>
    public static string? OfField(ITypeSymbol type) =>
        IsPart(type) ? null : "has a file further inside; a file is the input itself, a field of it, or in a list that is one of these";

    /// <summary>An input that has no fields.</summary>
    public static string? OfRoot(ITypeSymbol type) =>
        IsPart(type) ? null : "has a file inside what is JSON; let the input be a record with the file as a field";

    public static string? OfItem(ITypeSymbol type) =>
        HasFile(type, []) ? "has a file among the items of a stream; items are JSON or text, and a file is the answer of an api" : null;

    public static string? OfAnswer(ITypeSymbol type) =>
        IsFile(type) || !HasFile(type, []) ? null : "has a file beside or inside something else; an answer is one file, or JSON without files";

    private static bool IsFile(ITypeSymbol type) => Kinds.FullName(type) is "Bento.File" or "Bento.Image" or "System.IO.Stream";

    private static bool IsPart(ITypeSymbol type)
    {
        var isList = Kinds.Of(type) == Kind.Collection && !Kinds.IsSet(type) && type is not IArrayTypeSymbol { IsSZArray: false };
        return IsFile(type) || (isList && IsFile(Kinds.ItemOf(type))) || !HasFile(type, []);
    }

    private static bool HasFile(ITypeSymbol type, ITypeSymbol[] outer)
    {
        if (IsFile(type) || outer.Any(one => BentoTypes.Same(one, type)))
        {
            return IsFile(type);
        }

        return Kinds.Of(type) switch
        {
            Kind.Optional or Kind.Tuple or Kind.Map => ((INamedTypeSymbol)type).TypeArguments.Any(part => HasFile(part, outer)),
            Kind.Collection => HasFile(Kinds.ItemOf(type), outer),
            Kind.Object when Kinds.IsClass(type) && !Kinds.IsOfFSharp(type) =>
                new Anatomy((INamedTypeSymbol)type).Fields.Any(field => HasFile(field.Type, [type, .. outer])),
            _ => false,
        };
    }
}
