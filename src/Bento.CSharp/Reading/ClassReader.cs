using System.Reflection;
using Bento.Lowering;

namespace Bento.CSharp.Reading;

/// <summary>Reads a class into the description that the F# block makes too, gathering every mistake on the way.</summary>
/// <typeparam name="TService">The class.</typeparam>
internal sealed class ClassReader<TService>
    where TService : class
{
    private const BindingFlags Everything =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.FlattenHierarchy;

    private readonly Type _type = typeof(TService);
    private readonly ServiceAttribute? _service = typeof(TService).GetCustomAttribute<ServiceAttribute>(false);
    private readonly ServiceFront<TService> _front;

    public ClassReader()
    {
        _front = ClassDescription.Front<TService>(_type);
    }

    private int Line => _service?.Line ?? 0;

    public Definition Read()
    {
        ReadClass();

        if (_service is not null)
        {
            ServiceSettings.Read(_type, _service, _front);
        }

        var methods = Methods();
        new StateReader<TService>(_front, Line).Read(methods);
        var hooks = new HookReader<TService>(_front);
        var endpoints = new EndpointReader<TService>(_front);

        foreach (var method in methods)
        {
            hooks.Read(method);

            if (method.GetCustomAttribute<ApiAttribute>() is { } api)
            {
                endpoints.Read(method, null, api.Name ?? CSharpNames.Endpoint(method.Name), api);
            }
        }

        return _front.Build();
    }

    private void ReadClass()
    {
        if (_service is null)
        {
            _front.Mistake(CSharpNames.Of(_type), "is not marked [Service]; mark it", 0);
        }

        if (_type.IsAbstract)
        {
            var kind = _type.IsSealed ? "static" : "abstract";
            _front.Mistake(CSharpNames.Of(_type), $"is {kind}, so that there is no instance of it; mark a class that can be made", Line);
        }

        if (_type.IsGenericType)
        {
            _front.Mistake(ClassDescription.PlainName(_type), ClassDescription.Generic, Line);
        }
    }

    /// <summary>In the order of the source, those of a base class first.</summary>
    private List<MethodInfo> Methods()
    {
        static int Depth(Type? type) => type is null ? 0 : 1 + Depth(type.BaseType);

        return
        [
            .. _type.GetMethods(Everything)
                .OrderBy(method => Depth(method.DeclaringType))
                .ThenBy(method => method.MetadataToken),
        ];
    }
}
