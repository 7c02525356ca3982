using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace AspNet;

/// <summary>Knows callers by the key in their <c>X-Api-Key</c> header, which the configuration holds below <c>Callers</c>.</summary>
/// <param name="options">Nothing of its own.</param>
/// <param name="logger">Where the base class writes.</param>
/// <param name="encoder">What the base class escapes with.</param>
/// <param name="configuration">Where the keys are.</param>
public sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    IConfiguration configuration) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>The name of this way to know callers.</summary>
    public new const string Scheme = "ApiKey";

    private const string Header = "X-Api-Key";

    /// <inheritdoc/>
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!Request.Headers.TryGetValue(Header, out var given))
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        var key = Encoding.UTF8.GetBytes(given.ToString());
        var caller = configuration.GetSection("Callers").GetChildren().FirstOrDefault(one => IsKeyOf(one, key));

        return Task.FromResult(caller is null
            ? AuthenticateResult.Fail($"The key in {Header} is nobody's.")
            : AuthenticateResult.Success(Ticket(caller)));
    }

    /// <inheritdoc/>
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = $"{Scheme} header=\"{Header}\"";
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }

    /// <summary>In a time that does not tell how much of the key was right; a caller without a key is nobody.</summary>
    private static bool IsKeyOf(IConfigurationSection caller, byte[] key) =>
        caller["Key"] is { Length: > 0 } known && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(known), key);

    private static AuthenticationTicket Ticket(IConfigurationSection caller)
    {
        var identity = new ClaimsIdentity(
            [new(ClaimTypes.Name, caller["Name"] ?? caller.Key), new(ClaimTypes.Role, caller["Role"] ?? "")], Scheme);

        return new(new ClaimsPrincipal(identity), Scheme);
    }
}
