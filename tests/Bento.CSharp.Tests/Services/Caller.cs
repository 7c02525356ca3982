namespace Bento.CSharp.Tests.Services;

/// <summary>Says who calls.</summary>
[Service]
public sealed class Caller
{
    [Api]
    public string Who(Context context) => context.Request.User.Identity?.Name ?? "nobody";

    [Api]
    public string Known(Context context) =>
        $"{context.GetDeadline() > DateTimeOffset.UtcNow} {context.Request.GetClientAddress()} {context.Request.Headers.GetFirst("x-word")} {context.Request.Query.GetFirst("none") ?? "null"}";
}
