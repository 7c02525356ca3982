using System.Diagnostics.CodeAnalysis;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Bento.OnnxRuntime.Native;

namespace Bento.OnnxRuntime.Rows;

/// <summary>How a .NET type holds one row's elements of an input or output.</summary>
internal abstract class RowForm<TField, T>
    where T : unmanaged
{
    /// <summary>Whether a value is always one element.</summary>
    public virtual bool IsNumber => false;

    /// <summary>Whether a value knows its lengths, and not only how many elements it has.</summary>
    public virtual bool HasLengths => false;

    /// <summary>Whether a value can be a part of a longer array, and keep that alive.</summary>
    public virtual bool IsView => false;

    public abstract int Count(TField field);

    public virtual ReadOnlySpan<nint> Lengths(TField field) => [];

    public abstract void Copy(TField field, Span<T> target);

    /// <summary>Where the elements lie, if they are part of an array; else no part of any.</summary>
    public virtual ArraySegment<T> Place(TField field) => default;

    /// <summary>A value with elements of its own.</summary>
    public abstract TField OfElements(ReadOnlySpan<T> elements, ReadOnlySpan<nint> lengths);

    /// <summary>A value over elements where they are.</summary>
    public virtual TField OfPart(T[] elements, int start, int count, ReadOnlySpan<nint> lengths) =>
        OfElements(elements.AsSpan(start, count), lengths);
}

internal sealed class NumberForm<T> : RowForm<T, T>
    where T : unmanaged
{
    public override bool IsNumber => true;

    public override int Count(T field) => 1;

    public override void Copy(T field, Span<T> target) => target[0] = field;

    public override T OfElements(ReadOnlySpan<T> elements, ReadOnlySpan<nint> lengths) => elements[0];
}

internal sealed class ArrayForm<T> : RowForm<T[], T>
    where T : unmanaged
{
    public override int Count(T[] field) => field.Length;

    public override void Copy(T[] field, Span<T> target) => field.CopyTo(target);

    public override ArraySegment<T> Place(T[] field) => field;

    public override T[] OfElements(ReadOnlySpan<T> elements, ReadOnlySpan<nint> lengths) => elements.ToArray();
}

internal sealed class MemoryForm<T> : RowForm<Memory<T>, T>
    where T : unmanaged
{
    public override bool IsView => true;

    public override int Count(Memory<T> field) => field.Length;

    public override void Copy(Memory<T> field, Span<T> target) => field.Span.CopyTo(target);

    public override ArraySegment<T> Place(Memory<T> field) =>
        MemoryMarshal.TryGetArray((ReadOnlyMemory<T>)field, out ArraySegment<T> place) ? place : default;

    public override Memory<T> OfElements(ReadOnlySpan<T> elements, ReadOnlySpan<nint> lengths) => elements.ToArray();

    public override Memory<T> OfPart(T[] elements, int start, int count, ReadOnlySpan<nint> lengths) =>
        elements.AsMemory(start, count);
}

internal sealed class ReadOnlyMemoryForm<T> : RowForm<ReadOnlyMemory<T>, T>
    where T : unmanaged
{
    public override bool IsView => true;

    public override int Count(ReadOnlyMemory<T> field) => field.Length;

    public override void Copy(ReadOnlyMemory<T> field, Span<T> target) => field.Span.CopyTo(target);

    public override ArraySegment<T> Place(ReadOnlyMemory<T> field) =>
        MemoryMarshal.TryGetArray(field, out ArraySegment<T> place) ? place : default;

    public override ReadOnlyMemory<T> OfElements(ReadOnlySpan<T> elements, ReadOnlySpan<nint> lengths) =>
        elements.ToArray();

    public override ReadOnlyMemory<T> OfPart(T[] elements, int start, int count, ReadOnlySpan<nint> lengths) =>
        elements.AsMemory(start, count);
}

internal sealed class TensorForm<T> : RowForm<Tensor<T>, T>
    where T : unmanaged
{
    public override bool HasLengths => true;

    public override bool IsView => true;

    public override int Count(Tensor<T> field) => checked((int)field.FlattenedLength);

    public override ReadOnlySpan<nint> Lengths(Tensor<T> field) => field.Lengths;

    public override void Copy(Tensor<T> field, Span<T> target) => field.FlattenTo(target);

    public override Tensor<T> OfElements(ReadOnlySpan<T> elements, ReadOnlySpan<nint> lengths) =>
        Tensor.Create(elements.ToArray(), lengths);

    public override Tensor<T> OfPart(T[] elements, int start, int count, ReadOnlySpan<nint> lengths) =>
        Tensor.Create(elements, start, lengths, []);
}

/// <summary>The forms there are.</summary>
internal static class RowForms
{
    private static readonly Dictionary<Type, Type> _generic = new()
    {
        [typeof(Memory<>)] = typeof(MemoryForm<>),
        [typeof(ReadOnlyMemory<>)] = typeof(ReadOnlyMemoryForm<>),
        [typeof(Tensor<>)] = typeof(TensorForm<>),
    };

    /// <summary>The form of a type and the type of its elements; none for a type that holds no elements itself.</summary>
    public static bool TryFind(Type field, [NotNullWhen(true)] out object? form, [NotNullWhen(true)] out Type? element)
    {
        Type? definition = null;
        element = field;
        if (field.IsSZArray)
        {
            definition = typeof(ArrayForm<>);
            element = field.GetElementType()!;
        }
        else if (field.IsGenericType && _generic.TryGetValue(field.GetGenericTypeDefinition(), out definition))
        {
            element = field.GetGenericArguments()[0];
        }

        if (!ElementTypes.TryFind(element, out _))
        {
            form = null;
            element = null;
            return false;
        }

        form = Activator.CreateInstance((definition ?? typeof(NumberForm<>)).MakeGenericType(element))!;
        return true;
    }
}
