using System.Collections.Immutable;
using Bento.OnnxRuntime.Native;

namespace Bento.OnnxRuntime;

/// <summary>A loaded model. Any number of threads may run it at once, and one session a model is enough.</summary>
/// <remarks>
/// Disposing of a session while it runs is safe: runs under way end first, later ones are refused. A run stops on
/// <see cref="AmbientCancellation.Current"/> as on the token that it is given.
/// </remarks>
public sealed unsafe class InferenceSession : IDisposable
{
    private const int StackLimit = 32;

    private readonly SessionPorts _inputs;
    private readonly SessionPorts _outputs;

    // The first output that is an input, handed through as it is; null in nearly every model.
    private readonly string? _passed;

    private InferenceSession(SessionHandle handle, string? file)
    {
        Handle = handle;
        ModelFile = file;
        try
        {
            using var session = new HandleLease(handle, this);
            _inputs = SessionPorts.Inputs(session.Pointer);
            _outputs = SessionPorts.Outputs(session.Pointer);
            _passed = _outputs.Names.FirstOrDefault(name => _inputs.Find(name) >= 0);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private InferenceSession(OrtHandle handle, InferenceSession of)
    {
        Handle = handle;
        ModelFile = of.ModelFile;
        _inputs = of._inputs;
        _outputs = of._outputs;
        _passed = of._passed;
    }

    /// <summary>What the model wants, in its order.</summary>
    public ImmutableArray<ValueInfo> Inputs => _inputs.Infos;

    /// <summary>What the model gives, in its order.</summary>
    public ImmutableArray<ValueInfo> Outputs => _outputs.Infos;

    internal OrtHandle Handle { get; }

    /// <summary>Where the model was loaded from; null for one from memory.</summary>
    internal string? ModelFile { get; }

    /// <summary>What the model says of itself, read anew each time.</summary>
    /// <exception cref="ObjectDisposedException">The session was disposed of.</exception>
    public ModelMetadata ReadMetadata()
    {
        using var session = new HandleLease(Handle, this);
        return ModelMetadata.Read(session.Pointer);
    }

    /// <summary>Loads a model from its file, and with it the files beside it that it refers to.</summary>
    /// <param name="path">The .onnx file.</param>
    /// <param name="options">How to run the model; null means the defaults of <see cref="SessionOptions"/>.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="OrtException">The file is no model, or one that this library cannot run.</exception>
    /// <exception cref="ProviderUnavailableException">One of the providers asked for does not work here.</exception>
    /// <exception cref="DllNotFoundException">ONNX Runtime was not found; the message says where.</exception>
    public static InferenceSession Load(string path, SessionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"The model '{path}' does not exist.", path);
        }

        SessionOptions given = options ?? new SessionOptions();
        return Load(given, path, () =>
            (OptimizedModels.Applies(given, new FileInfo(path).Length)
                ? OptimizedModels.Create(File.ReadAllBytes(path), given)
                : null)
            ?? WithSettings(given, settings => NativeSession.Create(path, settings, given.TrimMemory)));
    }

    /// <summary>Loads a model from memory, which may be reused afterwards.</summary>
    /// <param name="model">The bytes of an .onnx file that refers to no other files.</param>
    /// <param name="options">How to run the model; null means the defaults of <see cref="SessionOptions"/>.</param>
    /// <exception cref="OrtException">The bytes are no model, or one that this library cannot run.</exception>
    /// <exception cref="ProviderUnavailableException">One of the providers asked for does not work here.</exception>
    /// <exception cref="DllNotFoundException">ONNX Runtime was not found; the message says where.</exception>
    public static InferenceSession Load(ReadOnlySpan<byte> model, SessionOptions? options = null)
    {
        fixed (byte* bytes = model)
        {
            // A span cannot be captured, and the bytes stay in their place for the length of the call.
            nint address = (nint)bytes;
            int length = model.Length;
            SessionOptions given = options ?? new SessionOptions();
            return Load(given, null, () =>
                (OptimizedModels.Applies(given, length) ? OptimizedModels.Create(Model(), given) : null)
                ?? WithSettings(given, settings => NativeSession.Create(Model(), settings, given.TrimMemory)));

            ReadOnlySpan<byte> Model() => new((void*)address, length);
        }
    }

    /// <summary>Runs a model that has one input, and gives all its outputs.</summary>
    /// <param name="inputName">The name of the input.</param>
    /// <param name="input">What to give for it.</param>
    /// <param name="cancellation">Stops the run between two nodes of the graph.</param>
    /// <returns>The outputs, which the caller disposes of.</returns>
    /// <exception cref="ArgumentException">The input does not fit the model, or another one is missing.</exception>
    /// <exception cref="OrtException">The run failed.</exception>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    /// <exception cref="ObjectDisposedException">The session or the input was disposed of.</exception>
    public OrtOutputs Run(string inputName, OrtValue input, CancellationToken cancellation = default) =>
        Run([KeyValuePair.Create(inputName, input)], null, null, cancellation);

    /// <summary>Runs the model, and lets ONNX Runtime allocate the outputs.</summary>
    /// <param name="inputs">What to give for each input: a dictionary, or pairs.</param>
    /// <param name="outputNames">The outputs to compute; null means all.</param>
    /// <param name="cancellation">Stops the run between two nodes of the graph.</param>
    /// <returns>The outputs in the order of <paramref name="outputNames"/>, which the caller disposes of.</returns>
    /// <exception cref="ArgumentException">An input does not fit or is missing, or a name is unknown.</exception>
    /// <exception cref="OrtException">The run failed.</exception>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    /// <exception cref="ObjectDisposedException">The session or an input was disposed of.</exception>
    public OrtOutputs Run(
        IEnumerable<KeyValuePair<string, OrtValue>> inputs,
        IReadOnlyList<string>? outputNames = null,
        CancellationToken cancellation = default) =>
        Run(inputs, outputNames, null, cancellation);

    /// <summary>Runs the model as the options say, and lets ONNX Runtime allocate the outputs.</summary>
    /// <param name="inputs">What to give for each input: a dictionary, or pairs.</param>
    /// <param name="outputNames">The outputs to compute; null means all.</param>
    /// <param name="options">How to run; null means as the session says.</param>
    /// <param name="cancellation">Stops the run between two nodes of the graph.</param>
    /// <returns>The outputs in the order of <paramref name="outputNames"/>, which the caller disposes of.</returns>
    /// <exception cref="ArgumentException">An input does not fit or is missing, or a name is unknown.</exception>
    /// <exception cref="OrtException">The run failed.</exception>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    /// <exception cref="ObjectDisposedException">The session or an input was disposed of.</exception>
    public OrtOutputs Run(
        IEnumerable<KeyValuePair<string, OrtValue>> inputs,
        IReadOnlyList<string>? outputNames,
        RunOptions? options,
        CancellationToken cancellation = default)
    {
        (OrtValue[] given, nint[] givenNames) = _inputs.Arrange(inputs, wantAll: true, nameof(inputs));
        IReadOnlyList<string> names = outputNames is null ? _outputs.Names : [.. outputNames];
        var wanted = new nint[names.Count];
        for (int i = 0; i < wanted.Length; i++)
        {
            wanted[i] = _outputs.NativeNames[_outputs.IndexOf(names[i], nameof(outputNames))];
        }

        var results = new nint[wanted.Length];
        if (_passed is null)
        {
            Execute(givenNames, given, wanted, results, options, cancellation);
            return new OrtOutputs(names, OrtValue.Own(results));
        }

        // An output that is an input lies in the input's memory, which must stay though the caller disposes of it.
        using var lease = new ValuesLease(given, new nint[given.Length]);
        Execute(givenNames, given, wanted, results, options, cancellation);
        var handles = new ValueHandle[results.Length];
        for (int i = 0; i < handles.Length; i++)
        {
            int input = _inputs.Find(names[i]);
            int place = input < 0 ? -1 : Array.IndexOf(givenNames, _inputs.NativeNames[input]);
            handles[i] = new ValueHandle(results[i], place < 0 ? null : given[place].Handle);
        }

        return new OrtOutputs(names, OrtValue.Own(handles));
    }

    /// <summary>Runs the model, and writes the outputs into values that are there already.</summary>
    /// <param name="inputs">What to give for each input: a dictionary, or pairs.</param>
    /// <param name="outputs">Where to write the outputs wanted; types and shapes must be those of the results.</param>
    /// <param name="cancellation">Stops the run between two nodes of the graph.</param>
    /// <exception cref="ArgumentException">A value does not fit, an input is missing, or a name is unknown.</exception>
    /// <exception cref="OrtException">The run failed, for instance since a result is of another shape.</exception>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    /// <exception cref="ObjectDisposedException">The session or a value was disposed of.</exception>
    public void RunInto(
        IEnumerable<KeyValuePair<string, OrtValue>> inputs,
        IEnumerable<KeyValuePair<string, OrtValue>> outputs,
        CancellationToken cancellation = default)
    {
        (OrtValue[] given, nint[] givenNames) = _inputs.Arrange(inputs, wantAll: true, nameof(inputs));
        (OrtValue[] targets, nint[] wanted) = _outputs.Arrange(outputs, wantAll: false, nameof(outputs));
        foreach (nint name in wanted)
        {
            _inputs.RefuseTarget(_outputs.Names[_outputs.NativeNames.IndexOf(name)], nameof(outputs));
        }

        Execute(givenNames, given, wanted, targets, null, cancellation);
    }

    /// <summary>
    /// Runs the model on values in the order of <see cref="Inputs"/>, and writes into values in the order of
    /// <see cref="Outputs"/>. It allocates nothing, but for a thread's first run with a token that can be cancelled.
    /// </summary>
    /// <param name="inputs">What to give for each input.</param>
    /// <param name="outputs">Where to write each output; types and shapes must be those of the results.</param>
    /// <param name="cancellation">Stops the run between two nodes of the graph.</param>
    /// <exception cref="ArgumentException">A value does not fit, or there are too few or too many.</exception>
    /// <exception cref="OrtException">The run failed, for instance since a result is of another shape.</exception>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    /// <exception cref="ObjectDisposedException">The session or a value was disposed of.</exception>
    public void RunInto(
        ReadOnlySpan<OrtValue> inputs, ReadOnlySpan<OrtValue> outputs, CancellationToken cancellation = default)
    {
        _inputs.CheckAll(inputs, nameof(inputs));
        _outputs.CheckAll(outputs, nameof(outputs));
        if (_passed is { } passed)
        {
            _inputs.RefuseTarget(passed, nameof(outputs));
        }

        Execute(_inputs.NativeNames, inputs, _outputs.NativeNames, outputs, null, cancellation);
    }

    /// <summary>The model as a function from rows to rows, each along the first dimension of inputs and outputs.</summary>
    /// <typeparam name="TIn">What holds the inputs of a row: see <see cref="BatchedModel{TIn, TOut}"/>.</typeparam>
    /// <typeparam name="TOut">What holds the outputs of a row, likewise.</typeparam>
    /// <param name="options">How rows become runs; null means that those of one shape are run as they are.</param>
    /// <returns>The function, for as long as the session is not disposed of.</returns>
    /// <exception cref="ArgumentException">
    /// The model's batch dimension is fixed, or the types or options do not fit the model; the message says why.
    /// </exception>
    public BatchedModel<TIn, TOut> Batched<TIn, TOut>(BatchingOptions? options = null) =>
        new(this, options ?? new BatchingOptions());

    /// <summary>Makes a binding, for values that stay where they are from run to run.</summary>
    /// <returns>A binding with nothing bound, which the caller disposes of.</returns>
    /// <exception cref="ObjectDisposedException">The session was disposed of.</exception>
    public IoBinding CreateBinding()
    {
        using var session = new HandleLease(Handle, this);
        OrtNative.Check(OrtNative.Api->CreateIoBinding(session.Pointer, out nint binding));
        return new IoBinding(this, _inputs, _outputs, new BindingHandle(binding, Handle));
    }

    /// <summary>The allocator that the session uses somewhere, for values there and for its statistics.</summary>
    /// <param name="place">Where it allocates; of a device only if a provider of the session runs on it.</param>
    /// <returns>The allocator, which the caller disposes of.</returns>
    /// <exception cref="OrtException">The session allocates nothing there.</exception>
    /// <exception cref="ObjectDisposedException">The session was disposed of.</exception>
    public OrtAllocator CreateAllocator(MemoryPlace place)
    {
        ArgumentNullException.ThrowIfNull(place);
        using var session = new HandleLease(Handle, this);
        using OrtHandle info = place.CreateInfo();
        OrtApi* api = OrtNative.Api;
        OrtNative.Check(api->CreateAllocator(session.Pointer, info.DangerousGetHandle(), out nint allocator));
        return new OrtAllocator(new OrtHandle(allocator, api->ReleaseAllocator, Handle), place);
    }

    /// <summary>Stops the measuring that <see cref="SessionOptions.ProfilePrefix"/> began.</summary>
    /// <returns>
    /// The file that the times are in, to be opened with chrome://tracing; empty if nothing was measured.
    /// </returns>
    /// <exception cref="ObjectDisposedException">The session was disposed of.</exception>
    public string EndProfiling()
    {
        using var session = new HandleLease(Handle, this);
        OrtNative.Check(OrtNative.Api->SessionEndProfiling(
            session.Pointer, OrtEnvironment.Allocator, out byte* file));
        return OrtNative.Take(file);
    }

    /// <summary>
    /// Another session over the same loaded model, to be disposed of by itself. The model's memory is given back with
    /// the last of them.
    /// </summary>
    /// <exception cref="ObjectDisposedException">This session was disposed of.</exception>
    public InferenceSession Share()
    {
        using var session = new HandleLease(Handle, this);
        return new(new OrtHandle(session.Pointer, null, Handle), this);
    }

    /// <summary>Gives the model's memory back, once no run and no other session uses it.</summary>
    public void Dispose() => Handle.Dispose();

    /// <summary>The native name of an output, good as long as this object is.</summary>
    internal nint OutputName(string name) => _outputs.NativeNames[_outputs.IndexOf(name, nameof(name))];

    /// <summary>Runs on values in the order of the inputs, and writes into values in the order of the names.</summary>
    internal void RunInto(
        ReadOnlySpan<OrtValue> inputs,
        ReadOnlySpan<nint> outputNames,
        ReadOnlySpan<OrtValue> outputs,
        CancellationToken cancellation)
    {
        _inputs.CheckAll(inputs, nameof(inputs));
        Execute(_inputs.NativeNames, inputs, outputNames, outputs, null, cancellation);
    }

    /// <summary>
    /// Runs on values in the order of the inputs. An output that is an input lies in its memory, for as long as that is
    /// there.
    /// </summary>
    internal OrtValue[] Run(
        ReadOnlySpan<OrtValue> inputs, ReadOnlySpan<nint> outputNames, CancellationToken cancellation)
    {
        _inputs.CheckAll(inputs, nameof(inputs));
        var results = new nint[outputNames.Length];
        Execute(_inputs.NativeNames, inputs, outputNames, results, null, cancellation);
        return OrtValue.Own(results);
    }

    /// <summary>Runs a binding, which the caller holds.</summary>
    internal void Run(nint binding, RunOptions? options, CancellationToken cancellation)
    {
        CancellationToken ambient = Started(cancellation);
        using var session = new HandleLease(Handle, this);
        using var settings = NativeRunOptions.Of(options, cancellation, ambient);
        nint status = OrtNative.Api->RunWithBinding(session.Pointer, settings is null ? 0 : settings.Pointer, binding);
        Ended(status, cancellation, ambient);
    }

    /// <summary>
    /// Makes the options and the session, which belong together: a provider may be appended without complaint and fail
    /// only when the session wants it.
    /// </summary>
    private static InferenceSession Load(SessionOptions options, string? file, Func<SessionHandle> create)
    {
        try
        {
            return new InferenceSession(create(), file);
        }
        catch (OrtException) when (!options.Providers.IsDefaultOrEmpty)
        {
            // It is the provider's fault if it fails with any model.
            foreach (ExecutionProvider provider in options.Providers)
            {
                provider.Check();
            }

            throw;
        }
    }

    private static SessionHandle WithSettings(SessionOptions options, Func<OrtHandle, SessionHandle> create)
    {
        using OrtHandle settings = NativeSessionOptions.Create(options);
        return create(settings);
    }

    private void Execute(
        ReadOnlySpan<nint> inputNames,
        ReadOnlySpan<OrtValue> inputs,
        ReadOnlySpan<nint> outputNames,
        ReadOnlySpan<OrtValue> outputs,
        RunOptions? options,
        CancellationToken cancellation)
    {
        Span<nint> targets = outputs.Length <= StackLimit ? stackalloc nint[StackLimit] : new nint[outputs.Length];
        using var lease = new ValuesLease(outputs, targets);
        Execute(inputNames, inputs, outputNames, targets, options, cancellation);
    }

    /// <summary>Runs; an output whose address is null is allocated, and its address written there.</summary>
    private void Execute(
        ReadOnlySpan<nint> inputNames,
        ReadOnlySpan<OrtValue> inputs,
        ReadOnlySpan<nint> outputNames,
        Span<nint> outputs,
        RunOptions? options,
        CancellationToken cancellation)
    {
        CancellationToken ambient = Started(cancellation);
        Span<nint> values = inputs.Length <= StackLimit ? stackalloc nint[StackLimit] : new nint[inputs.Length];
        using var lease = new ValuesLease(inputs, values);
        using var session = new HandleLease(Handle, this);
        using var settings = NativeRunOptions.Of(options, cancellation, ambient);
        nint status;
        fixed (nint* givenNames = inputNames, given = values, wantedNames = outputNames, results = outputs)
        {
            status = OrtNative.Api->Run(
                session.Pointer,
                settings is null ? 0 : settings.Pointer,
                givenNames,
                given,
                (nuint)inputs.Length,
                wantedNames,
                (nuint)outputNames.Length,
                results);
        }

        // The names are in memory that this object keeps.
        GC.KeepAlive(this);
        Ended(status, cancellation, ambient);
    }

    /// <summary>Refuses to start when a token is cancelled already, and gives the ambient one.</summary>
    private static CancellationToken Started(CancellationToken cancellation)
    {
        CancellationToken ambient = AmbientCancellation.Current;
        cancellation.ThrowIfCancellationRequested();
        ambient.ThrowIfCancellationRequested();
        return ambient;
    }

    /// <summary>
    /// The token decides whether a failure is a cancellation: the status only says that the run failed.
    /// </summary>
    private static void Ended(nint status, CancellationToken cancellation, CancellationToken ambient)
    {
        if (status != 0)
        {
            OrtException problem = OrtNative.Consume(status);
            cancellation.ThrowIfCancellationRequested();
            ambient.ThrowIfCancellationRequested();
            throw problem;
        }
    }
}
