using System.Reflection;
using Bento.Lowering;

namespace Bento.CSharp.Reading;

/// <summary>A method that is an endpoint's handler, and where its arguments come from.</summary>
/// <param name="Method">The method.</param>
/// <param name="Target">What it is called on, or <see langword="null"/> for the worker's instance.</param>
/// <param name="Inputs">The parameters that travel.</param>
internal sealed record MethodPlan(MethodInfo Method, object? Target, ParameterInfo[] Inputs)
{
    /// <summary>Gets a value indicating whether the parameters are the fields of the input.</summary>
    public bool AreFields { get; init; }

    /// <summary>Gets a value indicating whether a call is answered when it has run: with no stream, and no result to fetch later.</summary>
    public bool AnswersAtOnce { get; init; }

    /// <summary>Gets the type of the input.</summary>
    public Type Input { get; init; } = typeof(Arguments);

    /// <summary>Whether a parameter of this type is given the context.</summary>
    public static bool IsContext(Type type) =>
        typeof(Context).IsAssignableFrom(type) || typeof(BatchContext).IsAssignableFrom(type);

    /// <summary>Whether a parameter is filled in by the host: with a token, a context, or the state that a builder was given.</summary>
    public static bool IsFilledIn(ParameterInfo parameter, Type state) =>
        parameter.ParameterType == typeof(CancellationToken)
        || parameter.ParameterType == state
        || IsContext(parameter.ParameterType);

    /// <summary>Whether a parameter that is the only one is the input itself.</summary>
    public static bool IsItself(ParameterInfo parameter) =>
        parameter.IsDefined(typeof(RootAttribute), true) || MethodInputs.IsInputItself(parameter.ParameterType);

    /// <summary>What the description keeps of the method, the type that travels lying so deep in what it returns.</summary>
    public EndpointMethod Described(int depth) => EndpointMethod.Of(Method, Inputs, AreFields, depth);
}
