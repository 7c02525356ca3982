using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using Bento.Lowering;

namespace Bento.CSharp.Reading;

/// <summary>Reads inputs that warm an endpoint: each is a value of its only parameter, or a tuple of several.</summary>
/// <typeparam name="TService">What a worker's instance is.</typeparam>
internal sealed class WarmupReader<TService>(ServiceFront<TService> front)
{
    private const BindingFlags Statics =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.FlattenHierarchy;

    /// <summary>Reads the inputs that a member of the class gives, where the method names one.</summary>
    public void Read(MethodPlan plan, string part, string name, ApiAttribute api)
    {
        if (api.Warmup is not { } member)
        {
            return;
        }

        if (plan.Target is not null)
        {
            front.Mistake(part, $"has Warmup, which names a member of a class; say WithWarmup(\"{name}\", …) instead", api.Line);
        }
        else if (Unfit(plan) is { } mistake)
        {
            front.Mistake(part, $"has Warmup, and {mistake}", api.Line);
        }
        else if (Given(member) is not { } given)
        {
            front.Mistake(
                part,
                $"has Warmup \"{member}\", which is no static field, property or method without parameters of {CSharpNames.Of(typeof(TService))}; write one that gives {Wanted(plan)}, or several",
                api.Line);
        }
        else if (!Fits(plan, given.Type) && !Sequences(given.Type).Any(item => Fits(plan, item)))
        {
            front.Mistake(part, $"has Warmup \"{member}\", which gives {CSharpNames.Of(given.Type)}; wanted {Wanted(plan)}, or a sequence of such", api.Line);
        }
        else
        {
            Set(plan, part, member, given.Read, name, isOne: Fits(plan, given.Type), api.Line);
        }
    }

    /// <summary>Takes an input that a builder was given.</summary>
    public void Read<TInput>(MethodPlan plan, string name, TInput input, int line)
    {
        var part = $"WithWarmup(\"{name}\", …)";

        if (Unfit(plan) is { } mistake)
        {
            front.Mistake(part, $"warms a handler, and {mistake}", line);
        }
        else if (!Fits(plan, typeof(TInput)))
        {
            front.Mistake(part, $"gives {CSharpNames.Of(typeof(TInput))}; wanted {Wanted(plan)}", line);
        }
        else
        {
            front.SetOf(name, Lowered(plan, input), line);
        }
    }

    /// <summary>Why a method cannot be warmed, whatever the input.</summary>
    private static string? Unfit(MethodPlan plan) => plan switch
    {
        { AnswersAtOnce: false } => "does not answer at once; call it in a hook of the start",
        { Inputs: [] } => "takes nothing to warm it with; call it in a hook of the start",
        _ => null,
    };

    /// <summary>Whether one value of a type is an input: that of the only parameter, or a tuple of several.</summary>
    private static bool Fits(MethodPlan plan, Type given) => plan.Inputs switch
    {
        [var only] => given == (plan.AreFields ? only.ParameterType : plan.Input),
        var several => Parts(given).SequenceEqual(several.Select(input => input.ParameterType)),
    };

    private static string Wanted(MethodPlan plan) => plan.Inputs switch
    {
        [var only] => CSharpNames.Of(plan.AreFields ? only.ParameterType : plan.Input),
        var several => CSharpNames.OfTuple(several.Select(input => input.ParameterType)),
    };

    private static IEnumerable<Type> Parts(Type given) => CSharpNames.IsTuple(given) ? CSharpNames.PartsOf(given) : [];

    /// <summary>What a type is a sequence of.</summary>
    private static IEnumerable<Type> Sequences(Type given) =>
        given.GetInterfaces()
            .Append(given)
            .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IEnumerable<>))
            .Select(type => type.GetGenericArguments()[0]);

    /// <summary>What a static member of the class gives, and how it is asked.</summary>
    private static (Type Type, Func<object?> Read)? Given(string member)
    {
        var type = typeof(TService);

        return type.GetField(member, Statics) is { } field ? (field.FieldType, () => field.GetValue(null))
            : type.GetProperty(member, Statics)?.GetMethod is { } getter ? (getter.ReturnType, () => getter.Invoke(null, []))
            : type.GetMethod(member, Statics, Type.EmptyTypes) is { IsGenericMethod: false } method ? (method.ReturnType, () => method.Invoke(null, []))
            : null;
    }

    private void Set(MethodPlan plan, string part, string member, Func<object?> read, string name, bool isOne, int line)
    {
        try
        {
            var given = read();

            if (!isOne && given is null)
            {
                front.Mistake(part, $"has Warmup \"{member}\", which is null; wanted {Wanted(plan)}, or a sequence of such", line);
                return;
            }

            foreach (var input in isOne ? [given] : ((IEnumerable)given!).Cast<object?>())
            {
                front.SetOf(name, Lowered(plan, input), line);
            }
        }
        catch (Exception problem)
        {
            var cause = problem.GetBaseException();
            front.Mistake(part, $"has Warmup \"{member}\", which raised {cause.GetType().Name}: {cause.Message}", line);
        }
    }

    private static Setting Lowered(MethodPlan plan, object? input)
    {
        object? lowered = plan switch
        {
            { AreFields: false } => input,
            { Inputs: [_] } => new Arguments([input]),
            _ => new Arguments([.. Items((ITuple)input!)]),
        };

        return Setting.NewWarmup(new(plan.Input, lowered));
    }

    private static IEnumerable<object?> Items(ITuple tuple) => Enumerable.Range(0, tuple.Length).Select(index => tuple[index]);
}
