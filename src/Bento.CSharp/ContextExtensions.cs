namespace Bento.CSharp;

/// <summary>What a context has or has not, as C# says it: with null.</summary>
public static class ContextExtensions
{
    /// <summary>Tells when the time of a request is over.</summary>
    /// <param name="context">The context of the request.</param>
    /// <returns>The time, or <see langword="null"/> where the request has all the time in the world.</returns>
    public static DateTimeOffset? GetDeadline(this Context context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Deadline?.Value;
    }

    /// <summary>Tells the address of the other side. Behind a proxy it is the proxy's.</summary>
    /// <param name="request">The request.</param>
    /// <returns>An IP address, or <see langword="null"/> where there is no network between.</returns>
    public static string? GetClientAddress(this Request request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.ClientAddress?.Value;
    }

    /// <summary>Finds the first value of a name in a query, headers or cookies.</summary>
    /// <param name="fields">The fields, such as <c>context.Request.Headers</c>.</param>
    /// <param name="name">The name, whose case makes no difference.</param>
    /// <returns>The value, or <see langword="null"/> where the name is not there.</returns>
    public static string? GetFirst(this Fields fields, string name)
    {
        ArgumentNullException.ThrowIfNull(fields);
        return fields.Find(name)?.Value;
    }
}
