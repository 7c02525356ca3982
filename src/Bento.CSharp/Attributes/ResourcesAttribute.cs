using System.Runtime.CompilerServices;

namespace Bento.CSharp;

/// <summary>What a worker needs of its machine. What is left out is left to the host.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ResourcesAttribute : PlacedAttribute
{
    /// <summary>Initializes a new instance of the <see cref="ResourcesAttribute"/> class.</summary>
    /// <param name="line">Filled in by the compiler, for messages.</param>
    public ResourcesAttribute([CallerLineNumber] int line = 0)
        : base(line)
    {
    }

    /// <summary>Gets or sets the processor's cores: a number such as 2 or 0.5, or a quantity such as <c>"500m"</c>.</summary>
    public object? Cpu { get; set; }

    /// <summary>Gets or sets the memory, as in <c>"500MiB"</c> or <c>"4Gi"</c>.</summary>
    public string? Memory { get; set; }

    /// <summary>Gets or sets how many GPUs there must be. Each worker takes one of them in turn.</summary>
    public int Gpu
    {
        get => GpuOrNull ?? 0;
        set => GpuOrNull = value;
    }

    /// <summary>Gets or sets a value indicating whether the processor takes the place of GPUs that are missing.</summary>
    /// <value>The default is <see langword="false"/>: a start without them is refused.</value>
    public bool FallbackToCpu { get; set; }

    internal int? GpuOrNull { get; private set; }
}
