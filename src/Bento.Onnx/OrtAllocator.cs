using Bento.OnnxRuntime.Native;

namespace Bento.OnnxRuntime;

/// <summary>
/// Allocates where a session's nodes run, out of the session's arena: see <see
/// cref="InferenceSession.CreateAllocator"/>.
/// </summary>
/// <remarks>It may be disposed of before the values that it allocated, and after its session.</remarks>
public sealed unsafe class OrtAllocator : IDisposable
{
    private const uint StatisticsSince = 23;

    internal OrtAllocator(OrtHandle handle, MemoryPlace place)
    {
        Handle = handle;
        Place = place;
    }

    /// <summary>Where it allocates.</summary>
    public MemoryPlace Place { get; }

    internal OrtHandle Handle { get; }

    /// <summary>What the arena holds at this moment, and what it has held.</summary>
    /// <exception cref="NotSupportedException">The library is older than 1.23; the message has its version.</exception>
    /// <exception cref="ObjectDisposedException">The allocator was disposed of.</exception>
    public AllocatorStatistics ReadStatistics()
    {
        OrtNative.Require(StatisticsSince, "allocator statistics");
        OrtApi* api = OrtNative.Api;
        using var lease = new HandleLease(Handle, this);
        OrtNative.Check(api->AllocatorGetStats(lease.Pointer, out nint pairs));
        try
        {
            api->GetKeyValuePairs(pairs, out byte** keys, out byte** values, out nuint count);
            var entries = new Dictionary<string, string>();
            for (nuint i = 0; i < count; i++)
            {
                entries[OrtNative.TextOf(keys[i])] = OrtNative.TextOf(values[i]);
            }

            return new AllocatorStatistics(entries);
        }
        finally
        {
            api->ReleaseKeyValuePairs(pairs);
        }
    }

    /// <summary>Gives the allocator back, once no value of it is left.</summary>
    public void Dispose() => Handle.Dispose();
}
