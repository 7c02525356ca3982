namespace Bento.CSharp.Reading;

/// <summary>How a method gives its answer.</summary>
internal enum AnswerKind
{
    Plain,
    Task,
    Items,
}

/// <summary>What a method returns: how, and the type that travels.</summary>
internal readonly record struct Returned(AnswerKind Kind, Type Type, string? Mistake)
{
    public static Returned Of(Type type)
    {
        static Returned Wrong(string mistake) => new(AnswerKind.Plain, typeof(void), mistake);

        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;

        if (type == typeof(void) || type == typeof(Task))
        {
            return Wrong($"returns {(type == typeof(void) ? "nothing" : "a Task of nothing")}, and a caller wants an answer; return data, Task<T> or IAsyncEnumerable<T>");
        }

        if (type == typeof(ValueTask) || definition == typeof(ValueTask<>))
        {
            return Wrong($"returns {CSharpNames.Of(type)}; return Task<T>, which .AsTask() makes of it");
        }

        if (definition == typeof(Task<>))
        {
            var inner = type.GetGenericArguments()[0];

            return inner.IsGenericType && inner.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>)
                ? Wrong($"returns {CSharpNames.Of(type)}; return {CSharpNames.Of(inner)} itself, whose first item may wait")
                : new(AnswerKind.Task, inner, Travels(inner));
        }

        return definition == typeof(IAsyncEnumerable<>)
            ? new(AnswerKind.Items, type.GetGenericArguments()[0], null)
            : new(AnswerKind.Plain, type, Travels(type));
    }

    private static string? Travels(Type type) =>
        type.IsByRef || type.IsByRefLike || type.IsPointer
            ? $"returns {CSharpNames.Of(type)}, which lives on the stack and cannot travel; return an array or a list"
            : type == typeof(object) ? "returns object, of which nobody knows the fields; return a type that has some"
            : null;
}
