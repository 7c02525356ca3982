using System.Collections.Immutable;
using Bento.OnnxRuntime.Native;

namespace Bento.OnnxRuntime;

/// <summary>
/// A device, or a library for one, that runs those nodes of a model that it can. The processor takes the rest, so it is
/// never listed.
/// </summary>
public abstract record ExecutionProvider
{
    private protected ExecutionProvider()
    {
    }

    /// <summary>What messages call it, and what ONNX Runtime does where a provider is appended by name.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// Further options by the provider's own keys, such as <c>enable_cuda_graph</c>; none by default. They win over the
    /// properties of the same meaning.
    /// </summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>
    /// Makes a session of a model of one node with it. That a provider was compiled in
    /// (<see cref="OrtLibrary.AvailableProviders"/>) does not say that it works.
    /// </summary>
    /// <exception cref="ProviderUnavailableException">It does not work; the message says what is missing.</exception>
    /// <exception cref="DllNotFoundException">ONNX Runtime was not found; the message says where.</exception>
    public void Check()
    {
        using OrtHandle settings = NativeSessionOptions.Create(new SessionOptions { Providers = [this] });
        try
        {
            NativeSession.Create(ProbeModel.Bytes, settings, trim: false).Dispose();
        }
        catch (OrtException problem)
        {
            throw ProviderUnavailableException.Of(this, problem);
        }
    }

    /// <summary>Adds it to native session options, with a plain <see cref="OrtException"/> if that fails.</summary>
    internal abstract void Append(nint sessionOptions);

    /// <summary>Keys and values for the native call, <see cref="Options"/> over the given ones.</summary>
    private protected (NativeTexts Keys, NativeTexts Values) Entries(
        params ReadOnlySpan<(string Key, string? Value)> own)
    {
        var entries = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, string? value) in own)
        {
            if (value is not null)
            {
                entries[key] = value;
            }
        }

        foreach ((string key, string value) in Options)
        {
            entries[key] = value;
        }

        return (NativeTexts.Of([.. entries.Keys]), NativeTexts.Of([.. entries.Values]));
    }

    private protected static string Flag(bool value) => value ? "1" : "0";
}
