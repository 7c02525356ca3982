using Bento.OnnxRuntime;
using Bento.OnnxRuntime.Native;
using Bento.OnnxRuntime.Tests.Models;

namespace Bento.Bench.Native;

/// <summary>One session of an MLP 4-64-64-3, called in several ways on the same values.</summary>
public sealed unsafe class ModelCalls : IDisposable
{
    private const int Features = 4;
    private const int Classes = 3;

    private readonly int _batch;
    private readonly InferenceSession _session = InferenceSession.Load(TestModels.Mlp());
    private readonly NativeTexts _inputNames = NativeTexts.Of(["x"]);
    private readonly NativeTexts _outputNames = NativeTexts.Of(["y"]);
    private readonly float[] _features;
    private readonly OrtValue _input;
    private readonly OrtValue _output;
    private readonly IoBinding _binding;

    /// <param name="batch">How many rows a call has.</param>
    public ModelCalls(int batch)
    {
        _batch = batch;
        _features = [.. Enumerable.Range(0, batch * Features).Select(i => i * 0.37f % 2)];
        _input = OrtValue.Over(_features, batch, Features);
        _output = OrtValue.Over(new float[batch * Classes], batch, Classes);
        _binding = _session.CreateBinding();
        _binding.BindInput("x", _input);
        _binding.BindOutput("y", _output);
    }

    /// <summary>The native function alone, on native values made once.</summary>
    public Cost Raw(int calls) => Cost.Measure(calls, () =>
    {
        nint session = _session.Handle.DangerousGetHandle();
        nint input = _input.Handle.DangerousGetHandle();
        nint output = _output.Handle.DangerousGetHandle();
        OrtApi* api = OrtNative.Api;
        fixed (nint* inputNames = _inputNames.Addresses, outputNames = _outputNames.Addresses)
        {
            for (int i = 0; i < calls; i++)
            {
                OrtNative.Check(api->Run(session, 0, inputNames, &input, 1, outputNames, 1, &output));
            }
        }
    });

    /// <summary>The binding's call, on values made once.</summary>
    public Cost Reused(int calls) => Cost.Measure(calls, () => Run(calls, _input, _output));

    /// <summary>As <see cref="Reused"/>, below a token that may be cancelled, as that of a request.</summary>
    public Cost Cancellable(int calls) => Cost.Measure(calls, () =>
    {
        using var source = new CancellationTokenSource();
        using AmbientScope scope = AmbientCancellation.Enter(source.Token);
        Run(calls, _input, _output);
    });

    /// <summary>The binding's call by IoBinding, on values bound once.</summary>
    public Cost Bound(int calls) => Cost.Measure(calls, () =>
    {
        for (int i = 0; i < calls; i++)
        {
            _binding.Run();
        }
    });

    /// <summary>The binding's call on an input made for it, with an output that ONNX Runtime allocates.</summary>
    public Cost PerCall(int calls) => Cost.Measure(calls, () =>
    {
        for (int i = 0; i < calls; i++)
        {
            using var input = OrtValue.Over(_features, _batch, Features);
            using OrtOutputs outputs = _session.Run("x", input);
            _ = outputs[0].AsSpan<float>()[0];
        }
    });

    /// <summary>Gives the session and the values back.</summary>
    public void Dispose()
    {
        _binding.Dispose();
        _output.Dispose();
        _input.Dispose();
        _session.Dispose();
    }

    private void Run(int calls, OrtValue input, OrtValue output)
    {
        for (int i = 0; i < calls; i++)
        {
            _session.RunInto([input], [output]);
        }
    }
}
