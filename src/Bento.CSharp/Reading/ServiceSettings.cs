using System.Globalization;
using System.Reflection;
using Bento.Lowering;

namespace Bento.CSharp.Reading;

/// <summary>What the attributes of a class say of the service as a whole.</summary>
internal static class ServiceSettings
{
    public static void Read<TService>(Type type, ServiceAttribute service, ServiceFront<TService> front)
    {
        ReadService(service, front);

        foreach (var label in type.GetCustomAttributes<LabelAttribute>(false))
        {
            front.Set(Setting.NewLabel(label.Key, label.Value), label.Line);
        }

        foreach (var model in type.GetCustomAttributes<ModelAttribute>(false))
        {
            front.Set(Setting.NewModel(model.Tag), model.Line);
        }

        if (type.GetCustomAttribute<ResourcesAttribute>(false) is { } resources)
        {
            ReadResources(resources, front);
        }

        if (type.GetCustomAttribute<TrafficAttribute>(false) is { } traffic)
        {
            ReadTraffic(traffic, front);
        }
    }

    /// <summary>A span of so many of a unit, or a mistake that says what was given.</summary>
    public static TimeSpan? Span<TService>(
        string part, string word, double? given, string unit, ServiceFront<TService> front, int line, bool mayBeZero = false)
    {
        if (given is not { } amount)
        {
            return null;
        }

        var one = unit == "seconds" ? TimeSpan.TicksPerSecond : TimeSpan.TicksPerMillisecond;

        if (double.IsFinite(amount) && (amount > 0 || (mayBeZero && amount == 0)) && amount < TimeSpan.MaxValue.Ticks / one)
        {
            return new TimeSpan((long)(amount * one));
        }

        var wanted = mayBeZero ? "zero or more" : "above zero";
        var shown = amount.ToString(CultureInfo.InvariantCulture);
        front.Mistake(part, $"has {word} = {shown}; wanted a number of {unit}, {wanted}", line);
        return null;
    }

    private static void ReadService<TService>(ServiceAttribute service, ServiceFront<TService> front)
    {
        void Set(Setting setting) => front.Set(setting, service.Line);

        if (service.Description is { } description)
        {
            Set(Setting.NewDescription(description));
        }

        if (service.Version is { } version)
        {
            Set(Setting.NewVersion(version));
        }

        if (service.WorkersOrNull is { } workers)
        {
            Set(Setting.NewWorkers(workers));
        }

        if (service.ThreadsOrNull is { } threads)
        {
            Set(Setting.NewThreads(threads));
        }

        if (service.SnakeCase)
        {
            Set(Setting.NewNaming(Naming.Snake));
        }

        if (service.Strict)
        {
            Set(Setting.Strict);
        }
    }

    public static void ReadResources<TService>(ResourcesAttribute resources, ServiceFront<TService> front)
    {
        void Set(Setting setting) => front.Set(setting, resources.Line);

        switch (resources.Cpu)
        {
            case null:
                break;
            case string text:
                Set(Setting.NewCpu(Amount.NewWritten(text)));
                break;
            case int or long or short or byte or uint or float or double:
                Set(Setting.NewCpu(Amount.NewNumber(Convert.ToDouble(resources.Cpu, CultureInfo.InvariantCulture))));
                break;
            default:
                front.Mistake("[Resources]", $"has a Cpu that is a {CSharpNames.Of(resources.Cpu.GetType())}; give a number such as 2, or a quantity such as \"500m\"", resources.Line);
                break;
        }

        if (resources.Memory is { } memory)
        {
            Set(Setting.NewMemory(Amount.NewWritten(memory)));
        }

        if (resources.GpuOrNull is { } gpus)
        {
            Set(Setting.NewGpu(Amount.NewNumber(gpus)));
        }

        if (resources.FallbackToCpu && resources.GpuOrNull is null)
        {
            front.Mistake("[Resources]", "has FallbackToCpu and no Gpu that it could stand in for; give Gpu too", resources.Line);
        }
        else if (resources.FallbackToCpu)
        {
            Set(Setting.NewFallback(Fallback.Cpu));
        }
    }

    public static void ReadTraffic<TService>(TrafficAttribute traffic, ServiceFront<TService> front)
    {
        void Set(Setting setting) => front.Set(setting, traffic.Line);

        TimeSpan? Seconds(string word, double? given) => Span("[Traffic]", word, given, "seconds", front, traffic.Line);

        if (traffic.ConcurrencyOrNull is { } concurrency)
        {
            Set(Setting.NewConcurrency(concurrency));
        }

        if (traffic.QueueOrNull is { } queue)
        {
            Set(Setting.NewQueue(queue));
        }

        if (Seconds(nameof(traffic.TimeoutSeconds), traffic.TimeoutOrNull) is { } timeout)
        {
            Set(Setting.NewTimeout(timeout));
        }

        if (Seconds(nameof(traffic.IdleSeconds), traffic.IdleOrNull) is { } idle)
        {
            Set(Setting.NewIdle(idle));
        }

        if (Seconds(nameof(traffic.HeartbeatSeconds), traffic.HeartbeatOrNull) is { } heartbeat)
        {
            Set(Setting.NewHeartbeat(heartbeat));
        }

        if (traffic.BodyLimit is { } limit)
        {
            Set(Setting.NewBodyLimit(Amount.NewWritten(limit)));
        }
    }
}
