using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using System.Text;

namespace Bento.OnnxRuntime.Native;

/// <summary>
/// Keeps what ONNX Runtime made of a model in a folder, so that the next session of it starts sooner. A file is named
/// after all that its content depends on, and begins with a hash of it, so whatever else lies there is made anew.
/// </summary>
internal static class OptimizedModels
{
    private const long LargestModel = 1L << 30;
    private const int HashSize = SHA256.HashSizeInBytes;

    // Field 1 of a StringStringEntryProto with the key that says in which other file a tensor is.
    private static readonly byte[] _externalData = [0x0A, 8, .. "location"u8];

    /// <summary>Whether a model of that length is worth reading for the folder.</summary>
    public static bool Applies(SessionOptions options, long length) =>
        options.OptimizedModelCache is not null
        && options.OptimizedModelPath is null
        && options.Providers.IsDefaultOrEmpty
        && length <= LargestModel;

    /// <summary>
    /// Makes a session of the kept model, or else of the model itself, which is then kept. Null when it cannot be: it
    /// refers to other files, whose content the bytes do not tell.
    /// </summary>
    public static SessionHandle? Create(ReadOnlySpan<byte> model, SessionOptions options)
    {
        if (model.IndexOf(_externalData) >= 0)
        {
            return null;
        }

        string folder = options.OptimizedModelCache!;
        string file = Path.Combine(folder, $"{Key(model, options)}.optimized");
        return FromKept(file, options) ?? FromModel(model, options, file);
    }

    private static SessionHandle? FromKept(string file, SessionOptions options)
    {
        try
        {
            if (!File.Exists(file))
            {
                return null;
            }

            ReadOnlySpan<byte> content = File.ReadAllBytes(file);
            if (content.Length <= HashSize || !content[..HashSize].SequenceEqual(SHA256.HashData(content[HashSize..])))
            {
                Warn($"{file} is damaged; it is made anew.");
                return null;
            }

            using OrtHandle settings = NativeSessionOptions.Create(
                options with { GraphOptimization = GraphOptimization.None });
            return NativeSession.Create(content[HashSize..], settings, options.TrimMemory);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or OrtException)
        {
            Warn($"{file} cannot be used: {problem.Message}");
            return null;
        }
    }

    private static SessionHandle FromModel(ReadOnlySpan<byte> model, SessionOptions options, string file)
    {
        string? draft = NewDraft(file);
        try
        {
            if (draft is not null && Saving(model, options, draft) is { } saved)
            {
                Keep(draft, file);
                return saved;
            }

            using OrtHandle settings = NativeSessionOptions.Create(options);
            return NativeSession.Create(model, settings, options.TrimMemory);
        }
        finally
        {
            if (draft is not null)
            {
                File.Delete(draft);
            }
        }
    }

    /// <summary>
    /// A session that has written what it made of the model; null when there is none, be it for the model's sake or since
    /// a disk is full: a session that writes nothing tells.
    /// </summary>
    private static SessionHandle? Saving(ReadOnlySpan<byte> model, SessionOptions options, string draft)
    {
        try
        {
            using OrtHandle settings = NativeSessionOptions.Create(options with { OptimizedModelPath = draft });
            return NativeSession.Create(model, settings, options.TrimMemory);
        }
        catch (OrtException problem)
        {
            Warn($"The rewritten model cannot be kept: {problem.Message}");
            return null;
        }
    }

    /// <summary>A file that ONNX Runtime can write to; null when the folder is closed to us.</summary>
    private static string? NewDraft(string file)
    {
        try
        {
            string folder = Path.GetDirectoryName(file)!;
            Directory.CreateDirectory(folder);
            string draft = Path.Combine(folder, $".{Guid.NewGuid():N}.draft");
            File.Create(draft).Dispose();
            return draft;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            Warn($"{file} cannot be written: {problem.Message}");
            return null;
        }
    }

    /// <summary>Puts the file in its place, whole or not at all.</summary>
    private static void Keep(string draft, string file)
    {
        string whole = draft + ".whole";
        try
        {
            byte[] content = File.ReadAllBytes(draft);
            using (FileStream stream = File.Create(whole))
            {
                stream.Write(SHA256.HashData(content));
                stream.Write(content);
            }

            File.Move(whole, file, overwrite: true);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            File.Delete(whole);
            Warn($"{file} cannot be written: {problem.Message}");
        }
    }

    /// <summary>All that the optimised model depends on, as the name of a file.</summary>
    private static string Key(ReadOnlySpan<byte> model, SessionOptions options)
    {
        var text = new StringBuilder()
            .AppendLine(OrtNative.Version)
            .AppendLine(CultureInfo.InvariantCulture, $"{RuntimeInformation.RuntimeIdentifier} {Instructions()}")
            .AppendLine(CultureInfo.InvariantCulture, $"{options.GraphOptimization} {options.Deterministic}");
        foreach ((string key, string value) in options.Entries().OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"entry {key}={value}");
        }

        foreach ((string name, long length) in options.FreeDimensions.OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"dimension {name}={length}");
        }

        foreach (string library in options.CustomOperatorLibraries.IsDefault ? [] : options.CustomOperatorLibraries)
        {
            var info = new FileInfo(library);
            text.AppendLine(CultureInfo.InvariantCulture, $"library {library} {info.Exists}");
            if (info.Exists)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"{info.Length} {info.LastWriteTimeUtc.Ticks}");
            }
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(text.ToString()));
        hash.AppendData(model);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The processor's instructions that decide on memory layouts.</summary>
    private static string Instructions() => string.Join(
        ' ',
        new (string Name, bool IsThere)[]
        {
            ("avx", Avx.IsSupported),
            ("avx2", Avx2.IsSupported),
            ("fma", Fma.IsSupported),
            ("avx512f", Avx512F.IsSupported),
            ("avx512bw", Avx512BW.IsSupported),
            ("avx512vbmi", Avx512Vbmi.IsSupported),
            ("avxvnni", AvxVnni.IsSupported),
            ("dp", Dp.IsSupported),
        }.Where(set => set.IsThere).Select(set => set.Name));

    private static void Warn(string text) => OrtLibrary.Log(
        new OrtLogMessage(OrtLogSeverity.Warning, "bento", nameof(SessionOptions.OptimizedModelCache), text));
}
