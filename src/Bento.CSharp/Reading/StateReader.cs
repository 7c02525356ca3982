using System.Reflection;
using Bento.Lowering;
using Microsoft.Extensions.Logging;
using Microsoft.FSharp.Core;

namespace Bento.CSharp.Reading;

/// <summary>Reads how an instance of the class is made: by its constructor, or by its method marked [Init].</summary>
/// <typeparam name="TService">The class.</typeparam>
internal sealed class StateReader<TService>(ServiceFront<TService> front, int line)
    where TService : class
{
    public void Read(IReadOnlyList<MethodInfo> methods)
    {
        var inits = methods.Where(method => method.IsDefined(typeof(InitAttribute), true)).ToArray();

        foreach (var init in inits)
        {
            ReadInit(init, isOnlyOne: inits.Length == 1);
        }

        if (inits.Length == 0 && !typeof(TService).IsAbstract)
        {
            ReadConstructor();
        }
    }

    private void ReadInit(MethodInfo init, bool isOnlyOne)
    {
        var given = init.GetCustomAttribute<InitAttribute>()!.Line;
        var name = CSharpNames.Of(typeof(TService));

        if (!isOnlyOne)
        {
            front.Mistake(CSharpNames.Of(init), "is [Init], as another method is; keep one of them", given);
        }

        if (!init.IsStatic)
        {
            front.Mistake(CSharpNames.Of(init), "is [Init], which makes the instance; make it static", given);
        }

        if (init.IsGenericMethodDefinition)
        {
            front.Mistake(CSharpNames.Of(init), "is [Init] and generic, and nobody gives it a type; take the type parameters away", given);
        }

        if (init.ReturnType != typeof(TService) && init.ReturnType != typeof(Task<TService>))
        {
            front.Mistake(CSharpNames.Of(init), $"is [Init] and returns {CSharpNames.Of(init.ReturnType)}; return {name} or a Task of it", given);
        }

        var fillers = Fillers(CSharpNames.Of(init), init.GetParameters(), given);

        front.Init(setup => init.Invoke(null, BindingFlags.DoNotWrapExceptions, null, Filled(fillers, setup), null) switch
        {
            Task<TService> task => task,
            TService instance => Task.FromResult(instance),
            _ => throw new InvalidOperationException($"{name}.{init.Name} made no instance."),
        });
    }

    private void ReadConstructor()
    {
        if (typeof(TService).GetConstructors() is not [var constructor])
        {
            var count = typeof(TService).GetConstructors().Length;
            front.Mistake(
                CSharpNames.Of(typeof(TService)),
                $"has {count} public constructors; keep one, or mark a static method [Init] that makes the instance",
                line);
            return;
        }

        var fillers = Fillers(CSharpNames.Of(typeof(TService)), constructor.GetParameters(), line);

        front.Init(setup => Task.FromResult(
            (TService)constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, Filled(fillers, setup), null)));
    }

    private static object?[] Filled(Func<Setup<Unit>, object?>[] fillers, Setup<Unit> setup) =>
        Array.ConvertAll(fillers, fill => fill(setup));

    private Func<Setup<Unit>, object?>[] Fillers(string part, ParameterInfo[] parameters, int given)
    {
        foreach (var parameter in parameters)
        {
            if (IsNobodys(parameter))
            {
                front.Mistake(
                    part,
                    $"takes `{parameter.Name}`, a {CSharpNames.Of(parameter.ParameterType)}, which nobody fills in; take Setup, ILogger<{CSharpNames.Of(typeof(TService))}>, a CancellationToken, or something of the application's services, or give it a default",
                    given);
            }
        }

        return Array.ConvertAll(parameters, Filler);
    }

    /// <summary>What no container holds: to find this when the service starts would be late.</summary>
    private static bool IsNobodys(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        return !parameter.HasDefaultValue
            && type != typeof(CancellationToken)
            && (type.IsValueType || type.IsArray || type.IsByRef || type.IsPointer || type == typeof(string) || type == typeof(object));
    }

    private static Func<Setup<Unit>, object?> Filler(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;

        if (type == typeof(Setup))
        {
            return setup => new Setup(setup);
        }

        if (type == typeof(CancellationToken))
        {
            return setup => setup.Cancellation;
        }

        if (type == typeof(IServiceProvider))
        {
            return setup => setup.Application;
        }

        if (type == typeof(ILogger) || type == typeof(ILogger<TService>))
        {
            return setup => setup.Application.GetService(typeof(ILogger<TService>)) ?? new LogBridge<TService>(setup.Log);
        }

        return setup => setup.Application.GetService(type)
            ?? (parameter.HasDefaultValue
                ? Members.defaultOf(parameter)
                : throw new InvalidOperationException(
                    $"{CSharpNames.Of(typeof(TService))} takes `{parameter.Name}`, a {CSharpNames.Of(type)}, which the application does not hold; add it to the application's services."));
    }
}
