using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Bento.CSharp.Reading;

/// <summary>The names of things, on the wire and in messages.</summary>
internal static class CSharpNames
{
    /// <summary>A type or member as it is named on the wire: <c>GenerateCard</c> is <c>generate_card</c>.</summary>
    public static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    /// <summary>A method as an endpoint is named: without its "Async".</summary>
    public static string Endpoint(string method) =>
        Snake(method.EndsWith("Async", StringComparison.Ordinal) && method.Length > 5 ? method[..^5] : method);

    /// <summary>A tuple in a message.</summary>
    public static string OfTuple(IEnumerable<Type> parts) => $"({string.Join(", ", parts.Select(Of))})";

    /// <summary>Whether a type is a tuple of C#.</summary>
    public static bool IsTuple(Type type) => type is { IsValueType: true, IsGenericType: true } && typeof(ITuple).IsAssignableFrom(type);

    /// <summary>What a tuple is of; beyond seven parts it holds another one.</summary>
    public static IEnumerable<Type> PartsOf(Type tuple) =>
        tuple.GetGenericArguments().SelectMany((part, index) => index == 7 ? PartsOf(part) : [part]);

    /// <summary>A member in a message.</summary>
    public static string Of(MemberInfo member) => $"`{member.Name}`";

    /// <summary>A type in a message, as C# writes it.</summary>
    public static string Of(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return Of(inner) + "?";
        }

        if (type.IsArray)
        {
            return Of(type.GetElementType()!) + "[" + new string(',', type.GetArrayRank() - 1) + "]";
        }

        if (IsTuple(type))
        {
            return OfTuple(PartsOf(type));
        }

        if (type.IsGenericType)
        {
            return $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Of))}>";
        }

        return Type.GetTypeCode(type) switch
        {
            _ when type.IsEnum || type == typeof(DBNull) => type.Name,
            TypeCode.Boolean => "bool",
            TypeCode.Char => "char",
            TypeCode.SByte => "sbyte",
            TypeCode.Byte => "byte",
            TypeCode.Int16 => "short",
            TypeCode.UInt16 => "ushort",
            TypeCode.Int32 => "int",
            TypeCode.UInt32 => "uint",
            TypeCode.Int64 => "long",
            TypeCode.UInt64 => "ulong",
            TypeCode.Single => "float",
            TypeCode.Double => "double",
            TypeCode.Decimal => "decimal",
            TypeCode.String => "string",
            _ => type == typeof(void) ? "void" : type == typeof(object) ? "object" : type.Name,
        };
    }
}
