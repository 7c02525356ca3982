using System.Reflection;
using Bento.Lowering;

namespace Bento.CSharp.Reading;

/// <summary>Reads the methods that run at the turns of a service's life.</summary>
/// <typeparam name="TService">The class.</typeparam>
internal sealed class HookReader<TService>(ServiceFront<TService> front)
    where TService : class
{
    public void Read(MethodInfo method)
    {
        var given = method.GetCustomAttributes<PlacedAttribute>().ToArray();

        if (given.Length > 1)
        {
            var names = string.Join(" and ", given.Select(attribute => $"[{Word(attribute)}]"));
            front.Mistake(CSharpNames.Of(method), $"is {names}; keep one of them", given[0].Line);
        }

        foreach (var attribute in given)
        {
            switch (attribute)
            {
                case OnDeploymentAttribute when Fits(method, attribute, typeof(void), typeof(Task)):
                    ReadDeployment(method, attribute);
                    break;
                case OnStartupAttribute when Fits(method, attribute, typeof(void), typeof(Task)):
                    front.OnStartup(Step(method));
                    break;
                case OnShutdownAttribute when Fits(method, attribute, typeof(void), typeof(Task)):
                    front.OnShutdown(Step(method));
                    break;
                case OnReadyAttribute when Fits(method, attribute, typeof(bool), typeof(Task<bool>)):
                    front.OnReady(Question(method));
                    break;
                case OnAliveAttribute when Fits(method, attribute, typeof(bool), typeof(Task<bool>)):
                    front.OnAlive(Question(method));
                    break;
            }
        }
    }

    private static string Word(Attribute attribute) => attribute.GetType().Name.Replace("Attribute", "", StringComparison.Ordinal);

    private void ReadDeployment(MethodInfo method, PlacedAttribute attribute)
    {
        if (method.IsStatic)
        {
            var step = Step(method);
            front.OnDeployment(() => step(null!));
        }
        else
        {
            front.Mistake(CSharpNames.Of(method), "is [OnDeployment], which runs before there is an instance; make it static", attribute.Line);
        }
    }

    private bool Fits(MethodInfo method, PlacedAttribute attribute, Type plain, Type task)
    {
        var mistakes = new List<string>();

        if (method.GetParameters().Length > 0)
        {
            mistakes.Add("takes parameters, which nobody gives it; take them away");
        }

        if (method.IsGenericMethodDefinition)
        {
            mistakes.Add("is generic, and nobody gives it a type; take the type parameters away");
        }

        if (method.ReturnType != plain && !(method.ReturnType == task || (plain == typeof(void) && typeof(Task).IsAssignableFrom(method.ReturnType))))
        {
            mistakes.Add($"returns {CSharpNames.Of(method.ReturnType)}; return {CSharpNames.Of(plain)} or {CSharpNames.Of(task)}");
        }

        foreach (var mistake in mistakes)
        {
            front.Mistake(CSharpNames.Of(method), $"is [{Word(attribute)}] and {mistake}", attribute.Line);
        }

        return mistakes.Count == 0;
    }

    private static Func<TService, Task> Step(MethodInfo method)
    {
        object? Call(TService instance) => method.Invoke(
            method.IsStatic ? null : instance, BindingFlags.DoNotWrapExceptions, null, null, null);

        return instance => Call(instance) as Task ?? Task.CompletedTask;
    }

    private static Func<TService, Task<bool>> Question(MethodInfo method)
    {
        if (method.ReturnType == typeof(bool))
        {
            var ask = Delegate<Func<TService, bool>>(method);
            return instance => Task.FromResult(ask(instance));
        }

        return Delegate<Func<TService, Task<bool>>>(method);
    }

    private static T Delegate<T>(MethodInfo method)
        where T : Delegate => HandlerCompiler.Call<T>(method, instance => instance);
}
