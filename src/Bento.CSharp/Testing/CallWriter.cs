using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json;
using Bento.CSharp.Reading;

namespace Bento.CSharp;

/// <summary>From a call in a lambda to the bodies of requests, and from bodies to answers, by the service's own codecs.</summary>
internal sealed class CallWriter(ServiceCard service)
{
    /// <summary>Whether each request brings one row of the array that the method takes.</summary>
    public static bool AreRowsApart(EndpointCard card) =>
        card is { Batch: not null, Method.Value: var described } && described.Inputs.Single().ParameterType != card.Input.Type;

    public static T Read<T>(EndpointCard card, byte[] body)
    {
        if (typeof(T) != card.Output.Type)
        {
            throw new InvalidOperationException(
                $"\"{card.Name}\" answers with {CSharpNames.Of(card.Output.Type)}, and not with {CSharpNames.Of(typeof(T))}.");
        }

        var decoded = card.Output.Codec.DecodeObject(body);

        return decoded.IsOk
            ? (T)decoded.ResultValue!
            : throw new InvalidOperationException($"The answer of \"{card.Name}\" is not {CSharpNames.Of(typeof(T))} in JSON; ask for it with Client.");
    }

    public EndpointCard Named(string name) =>
        service.Endpoints.FirstOrDefault(card => card.Name == name)
        ?? throw new ArgumentException(
            $"\"{service.Name}\" has no endpoint \"{name}\"; it has {string.Join(", ", service.Endpoints.Select(card => card.Name))}.",
            nameof(name));

    /// <summary>A body of any input, which need not be of the endpoint's own type.</summary>
    public static byte[] Translated(EndpointCard card, object? input) =>
        input?.GetType() == card.Input.Type ? Body(card, input) : JsonSerializer.SerializeToUtf8Bytes(input, WireConverters.Options);

    /// <summary>The endpoint that a lambda calls, and the body of each request: of a batch, one for each row.</summary>
    public (EndpointCard Card, byte[][] Bodies) Written(LambdaExpression call)
    {
        if (call.Body is not MethodCallExpression written || Card(written.Method) is not { Method.Value: { } described } card)
        {
            throw new ArgumentException(
                $"`{call}` is not a call of a method marked [Api], as in: service => service.Summarize(\"text\", 3).", nameof(call));
        }

        var values = written.Arguments.Select(Value).ToArray();
        var given = described.Inputs.Select(input => values[input.Position]).ToArray();

        if (described.AreFields)
        {
            return (card, [Body(card, new Arguments(given))]);
        }

        return given switch
        {
            [] => (card, [[]]),
            [Array rows] when AreRowsApart(card) => (card, [.. rows.Cast<object?>().Select(row => Body(card, row))]),
            [var input] => (card, [Body(card, input)]),
            _ => throw new InvalidOperationException($"\"{card.Name}\" has {given.Length} inputs."),
        };
    }

    private EndpointCard? Card(MethodInfo method) =>
        service.Endpoints.FirstOrDefault(card =>
            card.Method?.Value.Method.GetBaseDefinition() is { } described
            && described.HasSameMetadataDefinitionAs(method.GetBaseDefinition()));

    private static object? Value(Expression argument) =>
        Expression.Lambda<Func<object?>>(Expression.Convert(argument, typeof(object))).Compile(preferInterpretation: true)();

    private static byte[] Body(EndpointCard card, object? input)
    {
        using var buffer = new MemoryStream();

        using (var writer = new Utf8JsonWriter(buffer))
        {
            card.Input.Codec.WriteObject(writer, input);
        }

        return buffer.ToArray();
    }
}
