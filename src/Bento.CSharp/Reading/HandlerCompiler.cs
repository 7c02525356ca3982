using System.Linq.Expressions;
using System.Reflection;

namespace Bento.CSharp.Reading;

/// <summary>Makes delegates that put a method's arguments in order, once for each method: no request is answered by reflection.</summary>
internal static class HandlerCompiler
{
    /// <summary>A delegate of the method's instance alone.</summary>
    public static T Call<T>(MethodInfo method, Func<ParameterExpression, Expression> instance)
        where T : Delegate
    {
        var given = Expression.Parameter(typeof(T).GetMethod(nameof(Action.Invoke))!.GetParameters()[0].ParameterType);
        var call = Expression.Call(method.IsStatic ? null : instance(given), method);
        return Expression.Lambda<T>(call, given).Compile();
    }

    /// <summary>A delegate of a context and an input.</summary>
    /// <param name="plan">The method and where its arguments come from.</param>
    /// <typeparam name="T">A function of two.</typeparam>
    public static T Handler<T>(MethodPlan plan)
        where T : Delegate
    {
        var parameters = typeof(T).GetMethod(nameof(Action.Invoke))!.GetParameters();
        var context = Expression.Parameter(parameters[0].ParameterType);
        var input = Expression.Parameter(parameters[1].ParameterType);
        var arguments = plan.Method.GetParameters().Select(parameter => Argument(plan, parameter, context, input));
        Expression? instance = plan.Method.IsStatic ? null
            : plan.Target is null ? Expression.Property(context, nameof(Context<>.State))
            : Expression.Constant(plan.Target);

        return Expression.Lambda<T>(Expression.Call(instance, plan.Method, arguments), context, input).Compile();
    }

    private static Expression Argument(
        MethodPlan plan, ParameterInfo parameter, ParameterExpression context, ParameterExpression input)
    {
        if (parameter.ParameterType == typeof(CancellationToken))
        {
            return Expression.Property(context, nameof(Context.Cancellation));
        }

        if (MethodPlan.IsContext(parameter.ParameterType))
        {
            return context;
        }

        if (!plan.Inputs.Contains(parameter))
        {
            return Expression.Property(context, nameof(Context<>.State));
        }

        if (!plan.AreFields)
        {
            return input;
        }

        var values = Expression.Property(input, nameof(Arguments.Values));
        var index = Expression.Constant(Array.IndexOf(plan.Inputs, parameter));
        return Expression.Convert(Expression.ArrayIndex(values, index), parameter.ParameterType);
    }
}
