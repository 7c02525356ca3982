using Bento.OnnxRuntime.Native;

namespace Bento.OnnxRuntime;

/// <summary>
/// One arena of ordinary memory for all sessions with <see cref="SessionOptions.UseSharedArena"/>, so that they have
/// one limit, and use what the others leave. Without it each session has its own.
/// </summary>
public sealed class SharedArena : IDisposable
{
    private const int Arena = 1;
    private const int Default = 0;

    private static readonly Lock _gate = new();
    private static bool _exists;

    private readonly OrtHandle _place;
    private bool _disposed;

    private SharedArena(OrtHandle place) => _place = place;

    /// <summary>Makes the arena, before the first session that uses it.</summary>
    /// <param name="options">How it takes memory.</param>
    /// <returns>The arena, to be disposed of after the last such session.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is 0 or negative.</exception>
    /// <exception cref="InvalidOperationException">There is one already.</exception>
    public static unsafe SharedArena Create(ArenaOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var entries = options.Entries().ToList();
        var keys = NativeTexts.Of(entries.ConvertAll(entry => entry.Key));
        lock (_gate)
        {
            if (_exists)
            {
                throw new InvalidOperationException("There is a shared arena already; dispose of it first.");
            }

            OrtApi* api = OrtNative.Api;
            nint environment = OrtEnvironment.Pointer;
            fixed (nuint* values = entries.ConvertAll(entry => entry.Value).ToArray())
            {
                OrtNative.Check(api->CreateArenaCfgV2(keys.Pointers, values, keys.Count, out nint settings));
                using var arena = new OrtHandle(settings, api->ReleaseArenaCfg);
                GC.KeepAlive(keys);
                OrtNative.Check(api->CreateCpuMemoryInfo(Arena, Default, out nint place));
                var handle = new OrtHandle(place, api->ReleaseMemoryInfo);
                OrtNative.Check(api->CreateAndRegisterAllocator(environment, place, settings));
                _exists = true;
                return new SharedArena(handle);
            }
        }
    }

    /// <summary>Gives the arena's memory back, once the sessions that use it have gone.</summary>
    public unsafe void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            _exists = false;
            using OrtHandle place = _place;
            OrtNative.Check(OrtNative.Api->UnregisterAllocator(
                OrtEnvironment.Pointer, place.DangerousGetHandle()));
        }
    }
}
