using System.Runtime.CompilerServices;
using Bento.CSharp.Reading;
using Bento.Lowering;
using Microsoft.FSharp.Collections;

namespace Bento.CSharp;

/// <summary>A service in the making, without a class: what an attribute says of a class, a method says here.</summary>
/// <typeparam name="TState">What each worker has.</typeparam>
public sealed class ServiceBuilder<TState>
{
    private readonly ServiceFront<TState> _front;
    private readonly Lazy<BentoService> _built;
    private readonly EndpointReader<TState> _endpoints;
    private readonly WarmupReader<TState> _warmups;
    private readonly Dictionary<string, MethodPlan?> _plans = [];
    private readonly List<Action> _later = [];
    private readonly int _line;

    internal ServiceBuilder(string name, string file, int line, Func<Setup, Task<TState>> init)
    {
        ArgumentNullException.ThrowIfNull(name);
        _line = line;
        _front = new(name, file, line);
        _front.Init(setup => init(new Setup(setup)));
        _endpoints = new(_front);
        _warmups = new(_front);
        _built = new(() =>
        {
            _later.ForEach(read => read());
            return BentoService.Required(_front.Build());
        });
    }

    /// <summary>Says what the service does, for people.</summary>
    /// <param name="text">A sentence or two.</param>
    /// <returns>The same builder.</returns>
    public ServiceBuilder<TState> WithDescription(string text) => Set(Setting.NewDescription(text));

    /// <summary>Says the service's own version.</summary>
    /// <param name="version">Such as <c>1.2.0</c>.</param>
    /// <returns>The same builder.</returns>
    public ServiceBuilder<TState> WithVersion(string version) => Set(Setting.NewVersion(version));

    /// <summary>Says a word about the service for other tools.</summary>
    /// <param name="key">What the word is about.</param>
    /// <param name="value">The word.</param>
    /// <returns>The same builder.</returns>
    public ServiceBuilder<TState> WithLabel(string key, string value) => Set(Setting.NewLabel(key, value));

    /// <summary>Names a model of the model store.</summary>
    /// <param name="tag">Its name and version.</param>
    /// <returns>The same builder.</returns>
    public ServiceBuilder<TState> WithModel(string tag) => Set(Setting.NewModel(tag));

    /// <summary>Says how many workers run the service, each with a state of its own; 1 without it.</summary>
    /// <param name="count">At least one.</param>
    /// <returns>The same builder.</returns>
    public ServiceBuilder<TState> WithWorkers(int count) => Set(Setting.NewWorkers(count));

    /// <summary>Says how many synchronous handlers run at once on one worker.</summary>
    /// <param name="count">At least one.</param>
    /// <returns>The same builder.</returns>
    public ServiceBuilder<TState> WithThreads(int count) => Set(Setting.NewThreads(count));

    /// <summary>Names fields <c>top_k</c> on the wire, and not <c>topK</c>.</summary>
    /// <returns>The same builder.</returns>
    public ServiceBuilder<TState> WithSnakeCase() => Set(Setting.NewNaming(Naming.Snake));

    /// <summary>Refuses bodies with fields that their types do not have, which are passed over otherwise.</summary>
    /// <returns>The same builder.</returns>
    public ServiceBuilder<TState> WithStrict() => Set(Setting.Strict);

    /// <summary>Says what a worker needs of its machine.</summary>
    /// <param name="cpu">Cores, as in <c>"2"</c> or <c>"500m"</c>.</param>
    /// <param name="memory">As in <c>"500MiB"</c>.</param>
    /// <param name="gpu">How many GPUs there must be.</param>
    /// <param name="fallbackToCpu">Whether the processor takes the place of GPUs that are missing.</param>
    /// <param name="line">Filled in by the compiler, for messages.</param>
    /// <returns>The same builder.</returns>
    public ServiceBuilder<TState> WithResources(
        string? cpu = null, string? memory = null, int? gpu = null, bool fallbackToCpu = false, [CallerLineNumber] int line = 0)
    {
        var resources = new ResourcesAttribute(line) { Cpu = cpu, Memory = memory, FallbackToCpu = fallbackToCpu };

        if (gpu is { } count)
        {
            resources.Gpu = count;
        }

        return Add(() => ServiceSettings.ReadResources(resources, _front));
    }

    /// <summary>Says what the service takes of its callers. What is left out has the defaults of <see cref="TrafficAttribute"/>.</summary>
    /// <param name="timeout">How long a request may take.</param>
    /// <param name="concurrency">How many requests are admitted at once.</param>
    /// <param name="queue">How many wait for admission.</param>
    /// <param name="idle">How long between two items of a stream.</param>
    /// <param name="bodyLimit">The largest body, as in <c>"64MiB"</c>.</param>
    /// <param name="heartbeat">How long a stream is silent before the server says that it is still there.</param>
    /// <param name="line">Filled in by the compiler, for messages.</param>
    /// <returns>The same builder.</returns>
    public ServiceBuilder<TState> WithTraffic(
        TimeSpan? timeout = null,
        int? concurrency = null,
        int? queue = null,
        TimeSpan? idle = null,
        string? bodyLimit = null,
        TimeSpan? heartbeat = null,
        [CallerLineNumber] int line = 0)
    {
        var traffic = new TrafficAttribute(line) { BodyLimit = bodyLimit };

        if (timeout is { } span)
        {
            traffic.TimeoutSeconds = span.TotalSeconds;
        }

        if (concurrency is { } admitted)
        {
            traffic.Concurrency = admitted;
        }

        if (queue is { } waiting)
        {
            traffic.Queue = waiting;
        }

        if (idle is { } silence)
        {
            traffic.IdleSeconds = silence.TotalSeconds;
        }

        if (heartbeat is { } beat)
        {
            traffic.HeartbeatSeconds = beat.TotalSeconds;
        }

        return Add(() => ServiceSettings.ReadTraffic(traffic, _front));
    }

    /// <summary>Has something run once, before any worker starts.</summary>
    /// <param name="step">What runs.</param>
    /// <returns>The same builder.</returns>
    public ServiceBuilder<TState> OnDeployment(Func<Task> step) => Add(() => _front.OnDeployment(step));

    /// <summary>Has something run in each worker when its state is made, before it is ready.</summary>
    /// <param name="step">What runs.</param>
    /// <returns>The same builder.</returns>
    public ServiceBuilder<TState> OnStartup(Func<TState, Task> step) => Add(() => _front.OnStartup(step));

    /// <summary>Has something run in each worker when it stops.</summary>
    /// <param name="step">What runs.</param>
    /// <returns>The same builder.</returns>
    public ServiceBuilder<TState> OnShutdown(Func<TState, Task> step) => Add(() => _front.OnShutdown(step));

    /// <summary>Has <c>/readyz</c> ask something of each worker: while it says false, the service is not ready.</summary>
    /// <param name="check">What is asked.</param>
    /// <returns>The same builder.</returns>
    public ServiceBuilder<TState> OnReady(Func<TState, Task<bool>> check) => Add(() => _front.OnReady(check));

    /// <summary>Has <c>/livez</c> ask something of each worker: where it says false, the process is to be started anew.</summary>
    /// <param name="check">What is asked.</param>
    /// <returns>The same builder.</returns>
    public ServiceBuilder<TState> OnAlive(Func<TState, Task<bool>> check) => Add(() => _front.OnAlive(check));

    /// <summary>
    /// Adds an endpoint. The handler is a lambda or method group that is read as a method marked <see cref="ApiAttribute"/>
    /// is, and may take the state as well.
    /// </summary>
    /// <param name="name">The endpoint's name.</param>
    /// <param name="handler">The handler.</param>
    /// <param name="settings">What else there is to say, as in <c>new() { Route = "/v1/x" }</c>.</param>
    /// <param name="line">Filled in by the compiler, for messages.</param>
    /// <returns>The same builder.</returns>
    public ServiceBuilder<TState> Api(
        string name, Delegate handler, ApiAttribute? settings = null, [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(handler);

        return Add(() => _plans[name] = _endpoints.Read(
            handler.Method, handler.Target ?? handler, name, settings ?? new ApiAttribute(line: line)));
    }

    /// <summary>Has a handler called in each worker with an input before the service is ready. It may be said several times.</summary>
    /// <typeparam name="TInput">The type of the handler's only parameter, of a batched handler that of a row, or a tuple of several parameters.</typeparam>
    /// <param name="endpoint">The endpoint's name.</param>
    /// <param name="input">The input.</param>
    /// <param name="line">Filled in by the compiler, for messages.</param>
    /// <returns>The same builder.</returns>
    public ServiceBuilder<TState> WithWarmup<TInput>(string endpoint, TInput input, [CallerLineNumber] int line = 0)
    {
        ArgumentNullException.ThrowIfNull(endpoint);

        // The endpoint may be added afterwards.
        return Add(() => _later.Add(() => ReadWarmup(endpoint, input, line)));
    }

    /// <summary>Judges what was said. Every call gives the same service.</summary>
    /// <returns>The service.</returns>
    /// <exception cref="InvalidServiceException">What was said cannot be; the message lists everything that is wrong.</exception>
    public BentoService Build() => _built.Value;

    private void ReadWarmup<TInput>(string endpoint, TInput input, int line)
    {
        if (!_plans.TryGetValue(endpoint, out var plan))
        {
            var known = ListModule.OfSeq(_plans.Keys);
            _front.Mistake(
                $"WithWarmup(\"{endpoint}\", …)",
                $"names no endpoint of this service, which has {string.Join(", ", known.Select(name => $"\"{name}\""))}{Suggestion.didYouMean(known, endpoint)}",
                line);
        }
        else if (plan is not null)
        {
            _warmups.Read(plan, endpoint, input, line);
        }
    }

    private ServiceBuilder<TState> Set(Setting setting) => Add(() => _front.Set(setting, _line));

    private ServiceBuilder<TState> Add(Action add)
    {
        if (_built.IsValueCreated)
        {
            throw new InvalidOperationException("The service has been built, and nothing can be added to it; begin another with Service.Create.");
        }

        add();
        return this;
    }
}
