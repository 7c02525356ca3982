namespace Bento.CSharp.Reading;

/// <summary>The one description of a class: hosts find what they were given by its identity.</summary>
/// <typeparam name="TService">The class.</typeparam>
internal static class ClassDescription<TService>
    where TService : class
{
    private static readonly Lazy<Definition> _definition = new(() => new ClassReader<TService>().Read());

    public static Definition Definition => _definition.Value;
}

/// <summary>The same for whoever has the class as a value.</summary>
internal static class ClassDescription
{
    /// <summary>Whether a class says that it is a service.</summary>
    public static bool IsService(Type type) => type.IsClass && type.IsDefined(typeof(ServiceAttribute), false);

    public static Definition Of(Type type) =>
        (Definition)typeof(ClassDescription<>)
            .MakeGenericType(type)
            .GetProperty(nameof(ClassDescription<>.Definition))!
            .GetValue(null)!;
}
