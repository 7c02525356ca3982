using System.Text;
using Microsoft.CodeAnalysis;

namespace Bento.CSharp.Analyzers;

/// <summary>The names of things, on the wire and in messages, as describing has them.</summary>
internal static class Names
{
    /// <summary>A type or member as it is named on the wire: <c>GenerateCard</c> is <c>generate_card</c>.</summary>
    public static string Snake(string name)
    {
        var text = new StringBuilder();

        for (var index = 0; index < name.Length; index++)
        {
            var letter = name[index];

            if (char.IsUpper(letter) && index > 0)
            {
                var before = name[index - 1];
                var endsRun = char.IsUpper(before) && index + 1 < name.Length && char.IsLower(name[index + 1]);

                if (char.IsLower(before) || char.IsDigit(before) || endsRun)
                {
                    text.Append('_');
                }
            }

            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }

    /// <summary>A field as it is named on the wire: <c>TopK</c> is <c>topK</c>.</summary>
    public static string Camel(string name)
    {
        var letters = name.ToCharArray();

        for (var index = 0; index < letters.Length && char.IsUpper(letters[index]); index++)
        {
            if (index > 0 && index + 1 < letters.Length && !char.IsUpper(letters[index + 1]))
            {
                break;
            }

            letters[index] = char.ToLowerInvariant(letters[index]);
        }

        return new string(letters);
    }

    /// <summary>A method as an endpoint is named: without its "Async".</summary>
    public static string Endpoint(string method) =>
        Snake(method.EndsWith("Async", StringComparison.Ordinal) && method.Length > 5 ? method.Substring(0, method.Length - 5) : method);

    /// <summary>Whether a name can stand in a path.</summary>
    public static bool IsUsable(string name) =>
        name.Length > 0 && IsLetter(name[0]) && name.All(letter => IsLetter(letter) || IsDigit(letter) || letter is '-' or '_');

    /// <summary>Whether a text is a path that an endpoint can have.</summary>
    public static bool IsRoute(string route) =>
        route.Length > 1
        && route[0] == '/'
        && route.IndexOf("//", StringComparison.Ordinal) < 0
        && route.All(letter => IsLetter(letter) || IsDigit(letter) || "/-_.~".IndexOf(letter) >= 0)
        && route.Split('/').All(segment => segment is not ("." or ".."));

    /// <summary>A member in a message.</summary>
    public static string Of(ISymbol symbol) => $"`{symbol.Name}`";

    /// <summary>A type in a message, as C# writes it.</summary>
    public static string Show(ITypeSymbol type) =>
        type.WithNullableAnnotation(NullableAnnotation.NotAnnotated).ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat);

    private static bool IsLetter(char letter) => letter is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z');

    private static bool IsDigit(char letter) => letter is >= '0' and <= '9';
}
