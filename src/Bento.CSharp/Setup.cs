using Bento.OnnxRuntime;
using Microsoft.FSharp.Core;

namespace Bento.CSharp;

/// <summary>What a service's constructor, or its method marked <see cref="InitAttribute"/>, may ask about the worker it is for.</summary>
public sealed class Setup
{
    internal Setup(Setup<Unit> given) => Given = given;

    /// <summary>Gets the folder of each model that a <see cref="ModelAttribute"/> names, by its tag.</summary>
    public IReadOnlyDictionary<string, string> Models => Given.Models;

    /// <summary>Gets the index of the worker's GPU, or <see langword="null"/> where it is to run on the processor.</summary>
    public int? Gpu => Given.Device is Device.Gpu gpu ? gpu.index : null;

    /// <summary>Gets the worker's number, from 0 on.</summary>
    public int Worker => Given.Worker.Index;

    /// <summary>Gets how many workers the service has.</summary>
    public int Workers => Given.Worker.Count;

    /// <summary>Gets what the application holds for its parts; nothing where there is no application.</summary>
    public IServiceProvider Services => Given.Application;

    /// <summary>Gets a token that fires when the start is given up.</summary>
    public CancellationToken Cancellation => Given.Cancellation;

    internal Setup<Unit> Given { get; }

    /// <summary>
    /// Loads an ONNX model on the worker's device. Workers on one device that ask for the same file with equal options share
    /// its one copy in memory; each disposes of its own session.
    /// </summary>
    /// <param name="path">The model's file.</param>
    /// <param name="options">How it runs; providers that they name take the place of the worker's device.</param>
    /// <returns>A session of this worker's own.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public InferenceSession LoadOnnx(string path, SessionOptions? options = null) =>
        Onnx.loadWith(options ?? new SessionOptions(), Given, path);
}
