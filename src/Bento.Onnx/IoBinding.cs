using Bento.OnnxRuntime.Native;

namespace Bento.OnnxRuntime;

/// <summary>
/// Inputs and outputs that are bound once for many runs, and stay on a device in between: see
/// <see cref="InferenceSession.CreateBinding"/>. A value that is bound may be disposed of: the binding holds it.
/// </summary>
/// <remarks>
/// Threads may share a binding; its calls then wait for each other. Disposing of it while it runs is safe: the run ends
/// first.
/// </remarks>
public sealed unsafe class IoBinding : IDisposable
{
    private readonly Lock _gate = new();
    private readonly InferenceSession _session;
    private readonly SessionPorts _inputs;
    private readonly SessionPorts _outputs;
    private readonly BindingHandle _handle;
    private readonly List<string> _bound = [];
    private bool _hasRun;

    internal IoBinding(InferenceSession session, SessionPorts inputs, SessionPorts outputs, BindingHandle handle)
    {
        _session = session;
        _inputs = inputs;
        _outputs = outputs;
        _handle = handle;
    }

    /// <summary>Gives a value for an input, in the place of the one given before.</summary>
    /// <param name="name">The name of the input.</param>
    /// <param name="value">The value, which is copied at once if the input is wanted on another device.</param>
    /// <exception cref="ArgumentException">There is no such input, or the value does not fit.</exception>
    /// <exception cref="ObjectDisposedException">The binding or the value was disposed of.</exception>
    public void BindInput(string name, OrtValue value)
    {
        int index = _inputs.IndexOf(name, nameof(name));
        _inputs.Check(index, value, nameof(value));
        lock (_gate)
        {
            using var binding = new HandleLease(_handle, this);
            nint pointer = value.Handle.Acquire(value);
            try
            {
                OrtNative.Check(OrtNative.Api->BindInput(
                    binding.Pointer, (byte*)_inputs.NativeNames[index], pointer));
            }
            catch
            {
                value.Handle.Release();
                throw;
            }

            _handle.HoldInput(name, value.Handle);
            InputsChanged(name);
        }
    }

    /// <summary>Has an output written into a value.</summary>
    /// <param name="name">The name of the output.</param>
    /// <param name="value">Where to write it; type and shape must be those of the result.</param>
    /// <exception cref="ArgumentException">There is no such output, or the value does not fit.</exception>
    /// <exception cref="ObjectDisposedException">The binding or the value was disposed of.</exception>
    public void BindOutput(string name, OrtValue value)
    {
        int index = _outputs.IndexOf(name, nameof(name));
        _outputs.Check(index, value, nameof(value));
        _inputs.RefuseTarget(name, nameof(name));
        lock (_gate)
        {
            using var binding = new HandleLease(_handle, this);
            nint pointer = value.Handle.Acquire(value);
            try
            {
                OrtNative.Check(OrtNative.Api->BindOutput(
                    binding.Pointer, (byte*)_outputs.NativeNames[index], pointer));
            }
            catch
            {
                value.Handle.Release();
                throw;
            }

            _handle.LetPlaceGo(index);
            BoundOutput(name, value.Handle);
        }
    }

    /// <summary>Has an output allocated by each run, of whatever shape it turns out to have.</summary>
    /// <param name="name">The name of the output.</param>
    /// <param name="place">Where, for instance on the device that the next run reads it from.</param>
    /// <exception cref="ArgumentException">There is no such output.</exception>
    /// <exception cref="OrtException">ONNX Runtime does not know the place.</exception>
    /// <exception cref="ObjectDisposedException">The binding was disposed of.</exception>
    public void BindOutput(string name, MemoryPlace place)
    {
        ArgumentNullException.ThrowIfNull(place);
        int index = _outputs.IndexOf(name, nameof(name));
        OrtHandle info = place.CreateInfo();
        try
        {
            lock (_gate)
            {
                using var binding = new HandleLease(_handle, this);
                BindToPlace(binding.Pointer, index, info);
                _handle.HoldPlace(index, info);
                BoundOutput(name, null);
            }
        }
        catch
        {
            info.Dispose();
            throw;
        }
    }

    /// <summary>Forgets all inputs, and lets their values go.</summary>
    /// <exception cref="ObjectDisposedException">The binding was disposed of.</exception>
    public void ClearInputs()
    {
        lock (_gate)
        {
            using var binding = new HandleLease(_handle, this);
            OrtNative.Api->ClearBoundInputs(binding.Pointer);
            _handle.LetInputsGo();
            _bound.ForEach(InputsChanged);
        }
    }

    /// <summary>Forgets all outputs, and lets their values go.</summary>
    /// <exception cref="ObjectDisposedException">The binding was disposed of.</exception>
    public void ClearOutputs()
    {
        lock (_gate)
        {
            using var binding = new HandleLease(_handle, this);
            OrtNative.Api->ClearBoundOutputs(binding.Pointer);
            _handle.LetOutputsGo();
            _bound.Clear();
            _hasRun = false;
        }
    }

    /// <summary>
    /// Runs the model on what is bound. It allocates nothing on the managed heap, but for options that are given and a
    /// thread's first run with a token that can be cancelled.
    /// </summary>
    /// <param name="options">How to run; null means as the session says.</param>
    /// <param name="cancellation">Stops the run between two nodes of the graph.</param>
    /// <exception cref="OrtException">The run failed, for instance since an input is not bound.</exception>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    /// <exception cref="ObjectDisposedException">The binding or its session was disposed of.</exception>
    public void Run(RunOptions? options = null, CancellationToken cancellation = default)
    {
        lock (_gate)
        {
            using var binding = new HandleLease(_handle, this);
            _hasRun = false;

            // ONNX Runtime takes the outputs of the run before for values to write into, and those are given out.
            foreach ((int index, OrtHandle place) in _handle.Places)
            {
                BindToPlace(binding.Pointer, index, place);
            }

            _session.Run(binding.Pointer, options, cancellation);
            _hasRun = true;
        }
    }

    /// <summary>Waits until the inputs that were copied to a device are there.</summary>
    /// <exception cref="ObjectDisposedException">The binding was disposed of.</exception>
    public void SynchronizeInputs()
    {
        using var binding = new HandleLease(_handle, this);
        OrtNative.Check(OrtNative.Api->SynchronizeBoundInputs(binding.Pointer));
    }

    /// <summary>
    /// Waits until the outputs of a run that did not wait, see <see cref="RunOptions.Synchronize"/>, are there.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The binding was disposed of.</exception>
    public void SynchronizeOutputs()
    {
        using var binding = new HandleLease(_handle, this);
        OrtNative.Check(OrtNative.Api->SynchronizeBoundOutputs(binding.Pointer));
    }

    /// <summary>The outputs of the last run, where they are. Those bound to a value share its memory.</summary>
    /// <returns>The outputs in the order in which they were bound, which the caller disposes of.</returns>
    /// <exception cref="InvalidOperationException">
    /// There was no run since the outputs were bound, or the last one failed; or an output is an input that was bound
    /// anew since.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The binding was disposed of.</exception>
    public OrtOutputs GetOutputs()
    {
        lock (_gate)
        {
            using var binding = new HandleLease(_handle, this);
            if (!_hasRun)
            {
                throw new InvalidOperationException(
                    "The binding has no outputs yet; run it, to a good end, after binding them.");
            }

            OrtNative.Check(OrtNative.Api->GetBoundOutputValues(
                binding.Pointer, OrtEnvironment.Allocator, out nint* values, out nuint count));
            try
            {
                var handles = new ValueHandle[(int)count];
                for (int i = 0; i < handles.Length; i++)
                {
                    handles[i] = new ValueHandle(values[i], _handle.OwnerOf(_bound[i]));
                }

                return new OrtOutputs([.. _bound], OrtValue.Own(handles));
            }
            finally
            {
                OrtNative.Check(OrtNative.Api->AllocatorFree(OrtEnvironment.Allocator, values));
            }
        }
    }

    /// <summary>Gives the binding back, and lets its values go, once no run uses them.</summary>
    public void Dispose() => _handle.Dispose();

    private void BindToPlace(nint binding, int index, OrtHandle place) =>
        OrtNative.Check(OrtNative.Api->BindOutputToDevice(
            binding, (byte*)_outputs.NativeNames[index], place.DangerousGetHandle()));

    /// <summary>An output that is an input lies in the value that was bound at the run, which may be gone now.</summary>
    private void InputsChanged(string name)
    {
        if (_inputs.Find(name) >= 0 && _bound.Contains(name))
        {
            _hasRun = false;
        }
    }

    private void BoundOutput(string name, OrtHandle? value)
    {
        _handle.HoldOutput(name, value);
        _hasRun = false;
        if (!_bound.Contains(name))
        {
            _bound.Add(name);
        }
    }
}
