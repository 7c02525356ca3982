using System.Collections.Immutable;

namespace Bento.OnnxRuntime;

/// <summary>An input or output of a model, as the model declares it.</summary>
public sealed class ValueInfo
{
    internal ValueInfo(string name, ValueKind kind, TensorElementType elementType, ImmutableArray<Dimension> dimensions)
    {
        Name = name;
        Kind = kind;
        ElementType = elementType;
        Dimensions = dimensions;
    }

    /// <summary>The name to give or ask for it by.</summary>
    public string Name { get; }

    /// <summary>Whether it is a tensor or something else.</summary>
    public ValueKind Kind { get; }

    /// <summary>The type of a tensor's elements; undefined for every other kind.</summary>
    public TensorElementType ElementType { get; }

    /// <summary>
    /// The dimensions of a tensor. None means a single number or, since ONNX Runtime does not tell the two apart, that
    /// the model does not say.
    /// </summary>
    public ImmutableArray<Dimension> Dimensions { get; }

    /// <summary>Name, type and dimensions, such as <c>input_ids: Int64[batch, 128]</c>.</summary>
    public override string ToString() => $"{Name}: {Type}";

    internal string Type =>
        Kind == ValueKind.Tensor ? $"{ElementType}[{string.Join(", ", Dimensions)}]" : Kind.ToString();

    /// <summary>Whether a value may be given, as far as the declaration tells.</summary>
    internal bool Accepts(OrtValue value)
    {
        if (Kind != ValueKind.Tensor)
        {
            return Kind == value.Kind || Kind == ValueKind.Optional;
        }

        if (value.ElementType != ElementType)
        {
            return false;
        }

        if (Dimensions.IsEmpty)
        {
            return true;
        }

        if (value.Shape.Length != Dimensions.Length)
        {
            return false;
        }

        for (int i = 0; i < Dimensions.Length; i++)
        {
            if (!Dimensions[i].IsFree && Dimensions[i].Length != value.Shape[i])
            {
                return false;
            }
        }

        return true;
    }
}
