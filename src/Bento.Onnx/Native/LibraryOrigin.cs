namespace Bento.OnnxRuntime.Native;

/// <summary>Why a place is looked at, which also says how it is opened.</summary>
internal enum LibraryOrigin
{
    /// <summary>Chosen in code, by <see cref="OrtLibrary.Path"/>.</summary>
    Path,

    /// <summary>Chosen by the environment variable <see cref="OrtLibrary.PathVariable"/>.</summary>
    Variable,

    /// <summary>A bare name that the .NET runtime looks for, by the application's deps.json among others.</summary>
    Runtime,

    /// <summary>A file in or below a folder of the application.</summary>
    Folder,

    /// <summary>A bare name that the system's loader looks for.</summary>
    System,
}
