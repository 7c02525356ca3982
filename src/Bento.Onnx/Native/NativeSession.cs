namespace Bento.OnnxRuntime.Native;

/// <summary>Makes native sessions.</summary>
internal static unsafe class NativeSession
{
    public static SessionHandle Create(string path, OrtHandle settings, bool trim)
    {
        fixed (byte* nativePath = NativePath.Of(path))
        {
            OrtNative.Check(OrtNative.Api->CreateSession(
                OrtEnvironment.Pointer, nativePath, settings.DangerousGetHandle(), out nint session));
            return new SessionHandle(session, trim);
        }
    }

    public static SessionHandle Create(ReadOnlySpan<byte> model, OrtHandle settings, bool trim)
    {
        fixed (byte* bytes = model)
        {
            OrtNative.Check(OrtNative.Api->CreateSessionFromArray(
                OrtEnvironment.Pointer, bytes, (nuint)model.Length, settings.DangerousGetHandle(), out nint session));
            return new SessionHandle(session, trim);
        }
    }
}
