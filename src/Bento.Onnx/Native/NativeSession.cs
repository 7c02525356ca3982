using System.Text;

namespace Bento.OnnxRuntime.Native;

/// <summary>Makes native sessions.</summary>
internal static unsafe class NativeSession
{
    public static OrtHandle Create(string path, OrtHandle settings)
    {
        Encoding encoding = OperatingSystem.IsWindows() ? Encoding.Unicode : Encoding.UTF8;
        fixed (byte* nativePath = encoding.GetBytes(path + "\0"))
        {
            OrtApi* api = OrtNative.Api;
            OrtNative.Check(api->CreateSession(
                OrtEnvironment.Pointer, nativePath, settings.DangerousGetHandle(), out nint session));
            return new OrtHandle(session, api->ReleaseSession);
        }
    }

    public static OrtHandle Create(ReadOnlySpan<byte> model, OrtHandle settings)
    {
        fixed (byte* bytes = model)
        {
            OrtApi* api = OrtNative.Api;
            OrtNative.Check(api->CreateSessionFromArray(
                OrtEnvironment.Pointer, bytes, (nuint)model.Length, settings.DangerousGetHandle(), out nint session));
            return new OrtHandle(session, api->ReleaseSession);
        }
    }
}
