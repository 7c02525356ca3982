namespace Bento.CSharp.Tests.Services;

/// <summary>Says who calls.</summary>
[Service]
public sealed class Caller
{
    [Api]
    public string Who(Context context) => context.Request.User.Identity?.Name ?? "nobody";

    [Api]
    public string Known(Context context)
    {
        context.Response.SetCookie("seen", "yes", maxAge: TimeSpan.FromMinutes(1), httpOnly: true, sameSite: SameSite.Lax);
        context.Response.After(() =>
        {
            context.Items["after"] = context.Request.Path;
            return Task.CompletedTask;
        });
        return $"{context.Deadline > DateTimeOffset.UtcNow} {context.Request.ClientAddress} {context.Request.Headers.Find("x-word")} {context.Request.Query.Find("none") ?? "null"}";
    }

    [Api]
    public string? After(Context context) => context.Items.GetValueOrDefault("after") as string;
}
