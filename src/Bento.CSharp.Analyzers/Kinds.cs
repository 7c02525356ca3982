using Microsoft.CodeAnalysis;

namespace Bento.CSharp.Analyzers;

/// <summary>What kind of type a type is, as far as the wire goes.</summary>
internal enum Kind
{
    /// <summary>A type parameter, or a type that does not compile: nothing can be said of it.</summary>
    Unknown,
    Scalar,
    Optional,
    Tensor,
    Map,
    Collection,
    Enum,
    Tuple,
    Object,
}

/// <summary>From types to their kinds.</summary>
internal static class Kinds
{
    private static readonly HashSet<string> _scalars =
    [
        "System.Half",
        "System.Guid",
        "System.DateTime",
        "System.DateTimeOffset",
        "System.DateOnly",
        "System.TimeOnly",
        "System.TimeSpan",
        "System.Uri",
        "System.IO.Stream",
        "Bento.File",
        "Bento.Image",
        "Microsoft.FSharp.Core.Unit",
    ];

    private static readonly HashSet<string> _collections =
    [
        "System.Collections.Generic.IEnumerable`1",
        "System.Collections.Generic.IReadOnlyCollection`1",
        "System.Collections.Generic.IReadOnlyList`1",
        "System.Collections.Generic.ICollection`1",
        "System.Collections.Generic.IList`1",
        "System.Collections.Generic.List`1",
        "System.Collections.Generic.HashSet`1",
        "System.Collections.Generic.ISet`1",
        "System.Collections.Generic.IReadOnlySet`1",
        "Microsoft.FSharp.Collections.FSharpList`1",
        "Microsoft.FSharp.Collections.FSharpSet`1",
    ];

    private static readonly HashSet<string> _maps =
    [
        "System.Collections.Generic.Dictionary`2",
        "System.Collections.Generic.IDictionary`2",
        "System.Collections.Generic.IReadOnlyDictionary`2",
        "Microsoft.FSharp.Collections.FSharpMap`2",
    ];

    private static readonly HashSet<string> _optionals =
    [
        "System.Nullable`1",
        "Microsoft.FSharp.Core.FSharpOption`1",
        "Microsoft.FSharp.Core.FSharpValueOption`1",
    ];

    public static Kind Of(ITypeSymbol type)
    {
        if (type.TypeKind is TypeKind.Error or TypeKind.TypeParameter)
        {
            return Kind.Unknown;
        }

        if (type is IArrayTypeSymbol array)
        {
            return array switch
            {
                { Rank: 1, ElementType.SpecialType: SpecialType.System_Byte } => Kind.Scalar,
                { Rank: <= 3 } => Kind.Collection,
                _ => Kind.Object,
            };
        }

        if (type is not INamedTypeSymbol named)
        {
            return Kind.Object;
        }

        var name = FullName(named);

        return named switch
        {
            _ when IsWholeNumber(named) || IsOtherScalar(named) || _scalars.Contains(name) => Kind.Scalar,
            _ when _optionals.Contains(name) => Kind.Optional,
            _ when name == "System.Numerics.Tensors.Tensor`1" => Kind.Tensor,
            _ when _maps.Contains(name) => Kind.Map,
            _ when _collections.Contains(name) => Kind.Collection,
            { TypeKind: TypeKind.Enum } => Kind.Enum,
            { IsTupleType: true } => Kind.Tuple,
            _ when name.StartsWith("System.Tuple`", StringComparison.Ordinal) => Kind.Tuple,
            _ => Kind.Object,
        };
    }

    public static ITypeSymbol ItemOf(ITypeSymbol collection) =>
        collection is IArrayTypeSymbol array ? array.ElementType : ((INamedTypeSymbol)collection).TypeArguments[0];

    public static bool IsSet(ITypeSymbol collection) =>
        FullName(collection) is "System.Collections.Generic.HashSet`1" or "System.Collections.Generic.ISet`1"
            or "System.Collections.Generic.IReadOnlySet`1" or "Microsoft.FSharp.Collections.FSharpSet`1";

    public static bool IsWholeNumber(ITypeSymbol type) =>
        type.SpecialType is SpecialType.System_SByte or SpecialType.System_Byte or SpecialType.System_Int16 or SpecialType.System_UInt16
            or SpecialType.System_Int32 or SpecialType.System_UInt32 or SpecialType.System_Int64 or SpecialType.System_UInt64;

    /// <summary>Whether F# made the type as a record or a union, of which only F# knows the parts.</summary>
    public static bool IsOfFSharp(ITypeSymbol type) =>
        type.GetAttributes().Any(attribute =>
            attribute.AttributeClass is { } given && FullName(given) == "Microsoft.FSharp.Core.CompilationMappingAttribute");

    /// <summary>Whether a type is a class or struct of one's own that could be an object on the wire.</summary>
    public static bool IsClass(ITypeSymbol type) =>
        type is INamedTypeSymbol { IsAbstract: false, IsStatic: false, IsRefLikeType: false, TypeKind: TypeKind.Class or TypeKind.Struct }
        && !IsOfFramework(type)
        && !type.AllInterfaces.Any(one => one.SpecialType == SpecialType.System_Collections_IEnumerable);

    /// <summary>Whether a type, and what it lies in, and what it is made of, is public.</summary>
    public static bool IsVisible(ITypeSymbol type)
    {
        for (ITypeSymbol? current = type; current is not null; current = current.ContainingType)
        {
            if (current.DeclaredAccessibility != Accessibility.Public)
            {
                return false;
            }
        }

        return type is not INamedTypeSymbol named
            || named.TypeArguments.All(argument => argument is not INamedTypeSymbol || IsVisible(argument));
    }

    /// <summary>A type's name as metadata has it, without its arguments.</summary>
    public static string FullName(ITypeSymbol type)
    {
        var name = type.OriginalDefinition.MetadataName;
        return type.ContainingType is { } outer ? $"{FullName(outer)}+{name}" : $"{Namespace(type)}{name}";
    }

    private static bool IsOtherScalar(INamedTypeSymbol type) =>
        type.SpecialType is SpecialType.System_Boolean or SpecialType.System_Char or SpecialType.System_String
            or SpecialType.System_Single or SpecialType.System_Double or SpecialType.System_Decimal or SpecialType.System_DateTime;

    private static bool IsOfFramework(ITypeSymbol type)
    {
        var space = Namespace(type);
        return space.StartsWith("System.", StringComparison.Ordinal) || space.StartsWith("Microsoft.FSharp", StringComparison.Ordinal);
    }

    /// <summary>The namespace with a point behind it, or nothing.</summary>
    private static string Namespace(ITypeSymbol type) =>
        type.ContainingNamespace is { IsGlobalNamespace: false } space ? space.ToDisplayString() + "." : "";
}
