namespace Bento.CSharp;

/// <summary>Where a service listens, and how it behaves as a server.</summary>
public sealed record BentoServerOptions
{
    /// <summary>Gets the address to listen on: an IP address or <c>localhost</c>.</summary>
    /// <value>The default is <c>127.0.0.1</c>, which only this machine reaches.</value>
    public string Host { get; init; } = Serve.options.Host;

    /// <summary>Gets the port to listen on; 0 takes a free one.</summary>
    /// <value>The default is 3000.</value>
    public int Port { get; init; } = Serve.options.Port;

    /// <summary>Gets a path before every route, the server's own included, as in <c>/v1</c>.</summary>
    /// <value>The default is none.</value>
    public string Prefix { get; init; } = Serve.options.Prefix;

    /// <summary>Gets a value indicating whether <c>/</c> is a page to try the service on.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public bool Page { get; init; } = Serve.options.Page;

    /// <summary>Gets how long a stop waits for the requests under way.</summary>
    /// <value>The default is 30 seconds.</value>
    public TimeSpan Grace { get; init; } = Serve.options.Grace;

    /// <summary>Gets how long a stop still takes new requests while it says that it is not ready.</summary>
    /// <value>The default is none.</value>
    public TimeSpan DrainDelay { get; init; } = Serve.options.DrainDelay;

    internal ServeOptions Lowered => new(
        Host,
        Port,
        Prefix,
        Page,
        Serve.options.Log,
        Grace,
        DrainDelay,
        Serve.options.Tls,
        Serve.options.Limits);
}
