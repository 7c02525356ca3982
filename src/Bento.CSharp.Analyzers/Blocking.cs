using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Bento.CSharp.Analyzers;

/// <summary>An operation that keeps its thread until something has happened.</summary>
internal sealed class Blocking
{
    private Blocking(string word, string mend, IOperation? task = null)
    {
        Word = word;
        Mend = mend;
        Task = task;
    }

    /// <summary>Gets the operation as it is written.</summary>
    public string Word { get; }

    /// <summary>Gets what to write in its place.</summary>
    public string Mend { get; }

    /// <summary>Gets what it waits for, where that is a value.</summary>
    public IOperation? Task { get; }

    public static Blocking? Of(IOperation operation, BentoTypes types) => operation switch
    {
        IPropertyReferenceOperation { Property.Name: "Result", Instance: { Type: { } type } task } when types.IsTask(type) =>
            new(".Result", "await it", task),
        IInvocationOperation call => OfCall(call, types),
        _ => null,
    };

    private static Blocking? OfCall(IInvocationOperation call, BentoTypes types)
    {
        var method = call.TargetMethod;

        if (Kinds.FullName(method.ContainingType) == "System.Threading.Thread" && method.Name == "Sleep")
        {
            return new("Thread.Sleep", "await Task.Delay");
        }

        if (BentoTypes.Same(method.ContainingType, types.Task) && method.Name is "WaitAll" or "WaitAny")
        {
            return new($"Task.{method.Name}", $"await Task.{method.Name.Replace("Wait", "When")}");
        }

        return (method.Name, call.Instance) switch
        {
            ("Wait", { Type: { } type } task) when types.IsTask(type) => new(".Wait()", "await it", task),
            ("GetResult", IInvocationOperation { TargetMethod.Name: "GetAwaiter", Instance: { } task }) when IsAwaiter(method) =>
                new(".GetAwaiter().GetResult()", "await it", Unconfigured(task)),
            _ => null,
        };
    }

    private static bool IsAwaiter(IMethodSymbol method) =>
        method.ContainingType.AllInterfaces.Any(one => one.Name == "ICriticalNotifyCompletion");

    private static IOperation Unconfigured(IOperation task) =>
        task is IInvocationOperation { TargetMethod.Name: "ConfigureAwait", Instance: { } inner } ? inner : task;
}
