using Bento.Lowering;

namespace Bento.CSharp.Reading;

/// <summary>What an <see cref="ApiAttribute"/> says of its endpoint beyond the name.</summary>
internal static class EndpointSettings
{
    public static void Read<TService>(string part, string name, ApiAttribute api, ServiceFront<TService> front)
    {
        void Set(Setting setting) => front.SetOf(name, setting, api.Line);

        if (api.Route is { } route)
        {
            Set(Setting.NewRoute(route));
        }

        if (ServiceSettings.Span(part, nameof(api.TimeoutSeconds), api.TimeoutOrNull, "seconds", front, api.Line) is { } timeout)
        {
            Set(Setting.NewTimeout(timeout));
        }

        if (api.BodyLimit is { } limit)
        {
            Set(Setting.NewBodyLimit(Amount.NewWritten(limit)));
        }

        if (api.IsBatched)
        {
            ReadBatches(part, api, Set, front);
        }
    }

    private static void ReadBatches<TService>(string part, ApiAttribute api, Action<Setting> set, ServiceFront<TService> front)
    {
        if (api.MaxBatchOrNull is { } most)
        {
            set(Setting.NewMaxBatch(most));
        }

        if (ServiceSettings.Span(part, nameof(api.MaxDelayMilliseconds), api.MaxDelayOrNull, "milliseconds", front, api.Line, mayBeZero: true) is { } delay)
        {
            set(Setting.NewMaxDelay(delay));
        }

        if (api.InFlightOrNull is { } places)
        {
            set(Setting.NewInFlight(places));
        }

        if (api.RetryOrNull is { } retry)
        {
            set(Setting.NewRetry(retry));
        }
    }
}
