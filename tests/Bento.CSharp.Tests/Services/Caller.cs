namespace Bento.CSharp.Tests.Services;

/// <summary>Says who calls.</summary>
[Service]
public sealed class Caller
{
    [Api]
    public string Who(Context context) => context.Request.User.Identity?.Name ?? "nobody";
}
