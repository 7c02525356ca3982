using Bento.CSharp.Reading;

namespace Bento.CSharp;

/// <summary>A service on a server of its own.</summary>
public sealed class BentoServer : IAsyncDisposable
{
    private readonly Server _server;

    private BentoServer(Server server) => _server = server;

    /// <summary>Gets where it listens, as in <c>http://127.0.0.1:3000</c>.</summary>
    public string Address => _server.Address;

    /// <summary>Gets a task that ends when the process was asked to end, the last request is answered and the service has stopped.</summary>
    public Task Completion => _server.Completion;

    /// <summary>
    /// Serves the service that a class is until the process is asked to end. The <c>bento.settings.yaml</c> beside
    /// the program, variables such as <c>BENTO__SERVER__PORT</c> and then <paramref name="args"/> say where and how.
    /// </summary>
    /// <typeparam name="TService">A class marked with <see cref="ServiceAttribute"/>.</typeparam>
    /// <param name="args">The program's arguments: <c>--port 8080</c>, and the other flags of <c>bento serve</c>.</param>
    /// <returns>The exit code: 0, 1 where the start or the stop failed or the stop had to break off requests, and 2 where there is no such flag.</returns>
    public static Task<int> RunAsync<TService>(string[] args)
        where TService : class => RunningProgram.RunAsync(static () => ClassDescription<TService>.Definition, args);

    /// <summary>Serves a service that was built until the process is asked to end.</summary>
    /// <param name="service">The service.</param>
    /// <param name="args">The program's arguments.</param>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(BentoService service, string[] args)
    {
        ArgumentNullException.ThrowIfNull(service);
        return RunningProgram.RunAsync(() => service.Definition, args);
    }

    /// <summary>Starts the service that a class is, and its server.</summary>
    /// <typeparam name="TService">A class marked with <see cref="ServiceAttribute"/>.</typeparam>
    /// <param name="options">Where it listens and how it behaves; the defaults of <see cref="BentoServerOptions"/> otherwise.</param>
    /// <returns>The server, whose disposal stops it.</returns>
    /// <exception cref="InvalidServiceException">The class cannot be read as a service, or the service cannot be hosted here.</exception>
    public static Task<BentoServer> StartAsync<TService>(BentoServerOptions? options = null)
        where TService : class => StartAsync(BentoService.Of<TService>(), options);

    /// <summary>Starts a service that was built, and its server.</summary>
    /// <param name="service">The service.</param>
    /// <param name="options">Where it listens and how it behaves.</param>
    /// <returns>The server, whose disposal stops it.</returns>
    public static async Task<BentoServer> StartAsync(BentoService service, BentoServerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(service);
        var lowered = (options ?? new BentoServerOptions()).Lowered;
        return new(await Serve.start(lowered, service.Definition).ConfigureAwait(false));
    }

    /// <summary>Withdraws readiness, stops listening, lets requests finish and stops the service.</summary>
    /// <param name="cancellation">Only ends the waiting.</param>
    /// <returns>A task that ends when all of that is done.</returns>
    public Task StopAsync(CancellationToken cancellation = default) => _server.Stop(cancellation);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
