using Microsoft.CodeAnalysis;

namespace Bento.CSharp.Analyzers;

/// <summary>
/// Whether types can travel, by the rules of the wire: the same walk that a host takes when it derives a codec. What F# alone
/// can define is left to the host.
/// </summary>
internal sealed class Carriage(bool areNamesSnake)
{
    private const string Wanted =
        "bool, numbers, text, dates and times, enums, options, tuples, lists, arrays, sets, maps, tensors, files, and records, unions and classes of these";

    // Types deeper than this are one that holds itself at ever larger type arguments.
    private const int Deepest = 16;

    /// <summary>A part of a type that cannot travel, by its path, and why.</summary>
    public sealed class Fault(string path, string reason)
    {
        public string Path { get; } = path;

        public string Reason { get; } = reason;
    }

    /// <summary>A field's name on the wire.</summary>
    public string NameOf(string member) => areNamesSnake ? Names.Snake(member) : Names.Camel(member);

    /// <summary>Everything in a type that cannot travel.</summary>
    public IEnumerable<Fault> Faults(string path, ITypeSymbol type) => Walk(path, type, []);

    /// <summary>Whether a type is an object with fields of its own, and not text, a number, a list or the like.</summary>
    public static bool IsObject(ITypeSymbol type) =>
        Kinds.Of(type) == Kind.Object && (Kinds.IsOfFSharp(type) || Kinds.IsClass(type));

    private IEnumerable<Fault> Walk(string path, ITypeSymbol type, ITypeSymbol[] outer)
    {
        switch (Kinds.Of(type))
        {
            case Kind.Unknown or Kind.Scalar:
                return [];
            case Kind.Optional:
                return Walk(path, ((INamedTypeSymbol)type).TypeArguments[0], outer);
            case Kind.Tensor:
                return TensorFaults(path, ((INamedTypeSymbol)type).TypeArguments[0]);
            case Kind.Map:
                return MapFaults(path, (INamedTypeSymbol)type, outer);
            case Kind.Collection:
                return Walk(path + "[]", Kinds.ItemOf(type), outer);
            case Kind.Enum:
                return EnumFaults(path, (INamedTypeSymbol)type);
            case Kind.Tuple:
                return ((INamedTypeSymbol)type).TypeArguments.SelectMany((part, index) => Walk($"{path}[{index}]", part, outer));
            default:
                return ObjectFaults(path, type, outer);
        }
    }

    private static IEnumerable<Fault> TensorFaults(string path, ITypeSymbol element)
    {
        var isElement = element.SpecialType is SpecialType.System_Boolean or SpecialType.System_Single or SpecialType.System_Double
            || Kinds.IsWholeNumber(element)
            || Kinds.FullName(element) == "System.Half";

        if (!isElement && element.TypeKind != TypeKind.TypeParameter)
        {
            yield return new(path, $"is a tensor of {Names.Show(element)}; a tensor holds bool, or numbers but decimals");
        }
    }

    private IEnumerable<Fault> MapFaults(string path, INamedTypeSymbol map, ITypeSymbol[] outer)
    {
        var key = map.TypeArguments[0];
        var isKey = key.SpecialType == SpecialType.System_String || Kinds.IsWholeNumber(key) || Kinds.FullName(key) == "System.Guid";

        if (key.TypeKind == TypeKind.Enum)
        {
            foreach (var fault in EnumFaults(path, (INamedTypeSymbol)key))
            {
                yield return fault;
            }
        }
        else if (!isKey && key.TypeKind != TypeKind.TypeParameter)
        {
            yield return new(path, $"has keys of type {Names.Show(key)}; use strings, whole numbers, Guids or enums for keys");
        }

        foreach (var fault in Walk(path + "[]", map.TypeArguments[1], outer))
        {
            yield return fault;
        }
    }

    private static IEnumerable<Fault> EnumFaults(string path, INamedTypeSymbol type)
    {
        if (type.GetAttributes().Any(attribute => attribute.AttributeClass is { } flags && Kinds.FullName(flags) == "System.FlagsAttribute"))
        {
            yield return new(path, $"is of type {Names.Show(type)}, whose values are many names at once; use a set of an enum");
        }
        else if (!type.GetMembers().OfType<IFieldSymbol>().Any(field => field.HasConstantValue))
        {
            yield return new(path, $"is of type {Names.Show(type)}, an enum without a name");
        }
    }

    private IEnumerable<Fault> ObjectFaults(string path, ITypeSymbol type, ITypeSymbol[] outer)
    {
        var name = Names.Show(type);

        if (outer.Any(one => BentoTypes.Same(one, type)))
        {
            return [new(path, $"is {name} inside {name}; a type that contains itself has no end")];
        }

        if (outer.Length == Deepest)
        {
            return [new(path, $"is a type inside {Deepest} others; a type that contains itself has no end")];
        }

        if (Kinds.IsOfFSharp(type))
        {
            return [];
        }

        if (!Kinds.IsClass(type))
        {
            return [new(path, $"is of type {name}; wanted {Wanted}")];
        }

        if (!Kinds.IsVisible(type))
        {
            return [new(path, $"is of type {name}, a class that is not public; make it public")];
        }

        var anatomy = new Anatomy((INamedTypeSymbol)type);
        return anatomy.Mistake is { } mistake
            ? [new(path, $"is of type {name}, which {mistake}")]
            : FieldFaults(path, anatomy, [type, .. outer]);
    }

    private IEnumerable<Fault> FieldFaults(string path, Anatomy anatomy, ITypeSymbol[] outer)
    {
        foreach (var same in anatomy.Fields.GroupBy(field => NameOf(field.Name)).Where(same => same.Count() > 1))
        {
            yield return new($"{path}.{same.Key}", "is the name of two fields; give them names that differ in more than case");
        }

        foreach (var field in anatomy.Fields)
        {
            foreach (var fault in Walk($"{path}.{NameOf(field.Name)}", field.Type, outer))
            {
                yield return fault;
            }
        }
    }
}
