using System.Reflection;
using Bento.Lowering;

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

    /// <summary>What is wrong with a class that has type parameters, as the classes within such a class have.</summary>
    public const string Generic = "is generic, and nobody gives it a type; mark a class without type parameters";

    /// <summary>The name of a class without its type parameters.</summary>
    public static string PlainName(Type type) => type.Name.Split('`')[0];

    /// <summary>The description of a class, before anything of it is read.</summary>
    public static ServiceFront<TState> Front<TState>(Type type)
    {
        var service = type.GetCustomAttribute<ServiceAttribute>(false);
        var file = string.IsNullOrEmpty(service?.File) ? type.Name : service.File;
        return new(service?.Name ?? CSharpNames.Snake(PlainName(type)), file, service?.Line ?? 0);
    }

    public static Definition Of(Type type) => type.ContainsGenericParameters ? OfOpen(type) :
        (Definition)typeof(ClassDescription<>)
            .MakeGenericType(type)
            .GetProperty(nameof(ClassDescription<>.Definition))!
            .GetValue(null)!;

    /// <summary>A class whose type parameters are open is nothing that could be read further.</summary>
    private static Definition OfOpen(Type type)
    {
        var front = Front<object>(type);
        front.BrokenEndpoint(PlainName(type), Generic, type.GetCustomAttribute<ServiceAttribute>(false)?.Line ?? 0);
        return front.Build();
    }
}
