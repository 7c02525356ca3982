using System.Runtime.InteropServices;

namespace Bento.OnnxRuntime.Native;

/// <summary>What the one exported function of the library, OrtGetApiBase, returns.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly unsafe struct OrtApiBase
{
    public readonly delegate* unmanaged<uint, void*> GetApi;
    public readonly delegate* unmanaged<byte*> GetVersionString;
}
