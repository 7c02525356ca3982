using System.Runtime.CompilerServices;

namespace Bento.CSharp;

/// <summary>Marks a class as a service. An instance is the state of one worker, and its constructor is what makes it.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ServiceAttribute : PlacedAttribute
{
    /// <summary>Initializes a new instance of the <see cref="ServiceAttribute"/> class.</summary>
    /// <param name="name">The service's name, or <see langword="null"/> for the name of the class in snake_case.</param>
    /// <param name="file">Filled in by the compiler, for messages.</param>
    /// <param name="line">Filled in by the compiler, for messages.</param>
    public ServiceAttribute(string? name = null, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        : base(line)
    {
        Name = name;
        File = file;
    }

    /// <summary>Gets the service's name, or <see langword="null"/> where the name of the class gives it.</summary>
    public string? Name { get; }

    /// <summary>Gets or sets what the service does, for people.</summary>
    public string? Description { get; set; }

    /// <summary>Gets or sets the service's own version.</summary>
    public string? Version { get; set; }

    /// <summary>Gets or sets how many workers run the service, each with an instance of its own.</summary>
    /// <value>The default is 1.</value>
    public int Workers
    {
        get => WorkersOrNull ?? Defaults.workers;
        set => WorkersOrNull = value;
    }

    /// <summary>Gets or sets how many synchronous methods run at once on one worker.</summary>
    /// <value>The default is the number of cores the service has.</value>
    public int Threads
    {
        get => ThreadsOrNull ?? 0;
        set => ThreadsOrNull = value;
    }

    /// <summary>Gets or sets a value indicating whether fields are named in snake_case on the wire. Both ways are read.</summary>
    /// <value>The default is <see langword="false"/>: camelCase.</value>
    public bool SnakeCase { get; set; }

    /// <summary>Gets or sets a value indicating whether bodies with fields that their types do not have are refused.</summary>
    /// <value>The default is <see langword="false"/>: such fields are passed over.</value>
    public bool Strict { get; set; }

    internal string File { get; }

    internal int? WorkersOrNull { get; private set; }

    internal int? ThreadsOrNull { get; private set; }
}
