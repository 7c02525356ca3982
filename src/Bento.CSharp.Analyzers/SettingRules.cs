using System.Globalization;
using Microsoft.CodeAnalysis;

namespace Bento.CSharp.Analyzers;

/// <summary>What attributes set a service and its endpoints to.</summary>
internal static class SettingRules
{
    private const string Path =
        "a path that begins with '/' and has letters, digits, '-', '_', '.', '~' and '/', as in \"/v1/summarize\"";

    public static void Check(
        BentoTypes types, INamedTypeSymbol type, GivenAttribute service, Findings findings, CancellationToken cancellation)
    {
        if (service.Name is { } name && !Names.IsUsable(name))
        {
            findings.Add(
                Rules.Name,
                service.NameLocation,
                $"the service name \"{name}\"",
                "is not usable; begin with a letter and use letters, digits, '-' and '_', as in [Service(\"summarization\")]");
        }

        Count(service, "Workers", "Workers", 1, findings);
        Count(service, "Threads", "Threads", 1, findings);

        if (GivenAttribute.On(type, types.Resources, cancellation) is { } resources)
        {
            CheckResources(resources, findings);
        }

        if (GivenAttribute.On(type, types.Traffic, cancellation) is { } traffic)
        {
            Count(traffic, "Concurrency", "Concurrency", 1, findings);
            Count(traffic, "Queue", "Queue", 0, findings);
            Span(traffic, "[Traffic]", "TimeoutSeconds", "seconds", findings);
            Span(traffic, "[Traffic]", "IdleSeconds", "seconds", findings);
            Span(traffic, "[Traffic]", "HeartbeatSeconds", "seconds", findings);
            Memory(traffic, "BodyLimit", findings);
        }
    }

    /// <summary>What [Api] says beyond the name.</summary>
    public static void CheckEndpoint(string part, GivenAttribute api, Findings findings)
    {
        if (api.Find("Route") is { Value: string route } given && !Names.IsRoute(route))
        {
            findings.Add(Rules.Route, given.Location, $"`Route \"{route}\"`:", $"wanted {Path}");
        }

        Span(api, part, "TimeoutSeconds", "seconds", findings);
        Memory(api, "BodyLimit", findings);

        if (api.IsBatched)
        {
            Count(api, "MaxBatch", "MaxBatch", 1, findings);
            Count(api, "InFlight", "InFlight", 1, findings);
            Span(api, part, "MaxDelayMilliseconds", "milliseconds", findings, mayBeZero: true);
        }
    }

    private static void CheckResources(GivenAttribute resources, Findings findings)
    {
        switch (resources.Find("Cpu"))
        {
            case { Value: string text } given when !Quantities.AreCores(text):
                findings.Add(Rules.Quantity, given.Location, $"`Cpu \"{text}\"`:", $"wanted {Quantities.WantedCores}");
                break;
            case { Value: int or long or short or byte or uint or float or double } given when !Quantities.AreCores(Shown(given.Value)):
                findings.Add(Rules.Quantity, given.Location, $"`Cpu {Shown(given.Value)}`:", $"wanted {Quantities.WantedCores}");
                break;
            case { Value: not (null or string or int or long or short or byte or uint or float or double) } given:
                var kind = given.Value is bool ? "bool" : given.Value.GetType().Name;
                findings.Add(Rules.Quantity, given.Location, "[Resources]", $"has a Cpu that is a {kind}; give a number such as 2, or a quantity such as \"500m\"");
                break;
        }

        Memory(resources, "Memory", findings);

        if (resources.Find("Gpu") is { Value: int and < 0 and var gpus } gpu)
        {
            findings.Add(Rules.Quantity, gpu.Location, $"`Gpu {gpus}`:", "wanted a whole number of GPUs, zero or more");
        }

        if (resources.Find("FallbackToCpu") is { Value: true } fallback && !resources.Has("Gpu"))
        {
            findings.Add(Rules.Quantity, fallback.Location, "[Resources]", "has FallbackToCpu and no Gpu that it could stand in for; give Gpu too");
        }
    }

    private static string Shown(object? value) => Convert.ToDouble(value, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);

    private static void Memory(GivenAttribute attribute, string word, Findings findings)
    {
        if (attribute.Find(word) is { Value: string text } given && !Quantities.IsMemory(text))
        {
            findings.Add(Rules.Quantity, given.Location, $"`{word} \"{text}\"`:", $"wanted {Quantities.WantedMemory}");
        }
    }

    private static void Count(GivenAttribute attribute, string property, string word, int least, Findings findings)
    {
        if (attribute.Find(property) is { Value: int count } given && count < least)
        {
            findings.Add(Rules.Quantity, given.Location, $"`{word} {count.ToString(CultureInfo.InvariantCulture)}`:", $"wanted {(least == 0 ? "zero" : "one")} or more");
        }
    }

    private static void Span(
        GivenAttribute attribute, string part, string word, string unit, Findings findings, bool mayBeZero = false)
    {
        if (attribute.Find(word) is not { Value: double amount } given)
        {
            return;
        }

        var one = unit == "seconds" ? TimeSpan.TicksPerSecond : TimeSpan.TicksPerMillisecond;
        var isFinite = !double.IsNaN(amount) && !double.IsInfinity(amount);

        if (!(isFinite && (amount > 0 || (mayBeZero && amount == 0)) && amount < TimeSpan.MaxValue.Ticks / one))
        {
            var wanted = mayBeZero ? "zero or more" : "above zero";
            findings.Add(
                Rules.Duration,
                given.Location,
                part,
                $"has {word} = {amount.ToString(CultureInfo.InvariantCulture)}; wanted a number of {unit}, {wanted}");
        }
    }
}
