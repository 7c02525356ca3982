using System.Runtime.InteropServices;

namespace Bento.OnnxRuntime.Native;

/// <summary>The loaded native library: its function table, its version, and statuses turned into exceptions.</summary>
internal static unsafe class OrtNative
{
    private static readonly Lock _gate = new();
    private static volatile OrtApi* _api;
    private static string? _version;
    private static string? _file;

    /// <summary>The function table; the first use looks for the library and loads it.</summary>
    public static OrtApi* Api => _api != null ? _api : Load();

    /// <summary>The version text of the library, such as 1.29.0; the first use loads it.</summary>
    public static string Version
    {
        get
        {
            _ = Api;
            return _version!;
        }
    }

    /// <summary>The file that the library was loaded from; null where the system does not tell.</summary>
    public static string? File
    {
        get
        {
            _ = Api;
            return _file;
        }
    }

    /// <summary>Whether the library is in the process, after which its place can no longer be chosen.</summary>
    public static bool IsLoaded => _api != null;

    /// <summary>Throws what a status says, and frees it; a null status is success.</summary>
    public static void Check(nint status)
    {
        if (status != 0)
        {
            throw Consume(status);
        }
    }

    /// <summary>Turns a status that is not null into an exception, and frees it.</summary>
    public static OrtException Consume(nint status)
    {
        try
        {
            return new OrtException(_api->GetErrorCode(status), TextOf(_api->GetErrorMessage(status)));
        }
        finally
        {
            _api->ReleaseStatus(status);
        }
    }

    /// <summary>The text at a null-terminated UTF-8 address, empty at null.</summary>
    public static string TextOf(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";

    /// <summary>The text at an address that the default allocator gave out, which is given back.</summary>
    public static string Take(byte* text)
    {
        string taken = TextOf(text);
        Check(Api->AllocatorFree(OrtEnvironment.Allocator, text));
        return taken;
    }

    /// <summary>Makes sure that the table is long enough for a function that came with a later version.</summary>
    /// <exception cref="NotSupportedException">It is not; the message has both versions.</exception>
    public static void Require(uint version, string feature) => Require(Version, version, feature);

    /// <summary>As the other one, for a version that is given.</summary>
    internal static void Require(string found, uint version, string feature)
    {
        // Anything that does not look like 1.x.y is taken for old, for a wrong guess would jump into nowhere.
        bool isLater = System.Version.TryParse(found.Split('-', '+')[0], out Version? parsed)
            && parsed >= new Version(1, (int)version);
        if (!isLater)
        {
            throw new NotSupportedException(
                $"The ONNX Runtime found is version {found}, which has no {feature}; wanted: version 1.{version} or "
                + "newer.");
        }
    }

    /// <summary>The function table of a version, or an exception with the versions found and wanted.</summary>
    internal static OrtApi* TableOf(OrtApiBase* functions, uint version)
    {
        var table = (OrtApi*)functions->GetApi(version);
        return table != null
            ? table
            : throw new NotSupportedException(
                $"The ONNX Runtime found is version {TextOf(functions->GetVersionString())}, which has no C API "
                + $"{version}; wanted: version 1.{version} or newer.");
    }

    private static OrtApi* Load()
    {
        lock (_gate)
        {
            if (_api == null)
            {
                Telemetry.Forbid();
                nint library = LibraryLoader.Load();
                var getBase = (delegate* unmanaged<OrtApiBase*>)NativeLibrary.GetExport(
                    library, LibraryLoader.EntryPoint);
                OrtApiBase* functions = getBase();
                OrtApi* api = TableOf(functions, OrtApi.RequiredVersion);
                _version = TextOf(functions->GetVersionString());
                _file = LoadedFile.At((nint)getBase);
                _api = api;
            }

            return _api;
        }
    }
}
