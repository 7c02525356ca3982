using System.Runtime.InteropServices;

namespace Bento.OnnxRuntime.Tests.Models;

/// <summary>Writes ONNX models, as far as these tests need them, by the field numbers of onnx.proto.</summary>
internal static class OnnxWriter
{
    private const int IrVersion = 9;
    private const int TypeInteger = 2;
    private const int TypeGraph = 5;
    private const int TypeIntegers = 7;
    private const int TypeTexts = 8;
    private const int TypeType = 13;
    private const int OfAnotherFile = 1;

    public static byte[] Model(Proto graph, int opset = 17) =>
        new Proto()
            .Integer(1, IrVersion)
            .Text(2, "tests")
            .Message(7, graph)
            .Message(8, new Proto().Text(1, "").Integer(2, opset))
            .ToBytes();

    /// <summary>The same model with operators of another domain in it.</summary>
    public static byte[] WithDomain(byte[] model, string domain, int version) =>
        [.. model, .. new Proto().Message(8, new Proto().Text(1, domain).Integer(2, version)).ToBytes()];

    /// <summary>The same model with something to say of itself.</summary>
    public static byte[] WithMetadata(
        byte[] model, string domain, long version, string description, params (string Key, string Value)[] custom) =>
        [
            .. model,
            .. new Proto()
                .Text(4, domain)
                .Integer(5, version)
                .Text(6, description)
                .Message(7, new Proto().Text(10, "What the graph does."))
                .Each(custom, (proto, entry) => proto.Message(14, new Proto().Text(1, entry.Key).Text(2, entry.Value)))
                .ToBytes(),
        ];

    public static Proto Graph(
        IEnumerable<Proto> nodes, IEnumerable<Proto> inputs, IEnumerable<Proto> outputs, params Proto[] constants) =>
        new Proto()
            .Each(nodes, (graph, node) => graph.Message(1, node))
            .Text(2, "graph")
            .Each(constants, (graph, constant) => graph.Message(5, constant))
            .Each(inputs, (graph, input) => graph.Message(11, input))
            .Each(outputs, (graph, output) => graph.Message(12, output));

    public static Proto Node(
        string operation, IEnumerable<string> inputs, IEnumerable<string> outputs, params Proto[] attributes) =>
        new Proto()
            .Each(inputs, (node, name) => node.Text(1, name))
            .Each(outputs, (node, name) => node.Text(2, name))
            .Text(4, operation)
            .Each(attributes, (node, attribute) => node.Message(5, attribute));

    public static Proto NodeOf(
        string domain,
        string operation,
        IEnumerable<string> inputs,
        IEnumerable<string> outputs,
        params Proto[] attributes) =>
        Node(operation, inputs, outputs, attributes).Text(7, domain);

    public static Proto Attribute(string name, params long[] values) =>
        new Proto().Text(1, name).Each(values, (proto, value) => proto.Integer(8, value)).Integer(20, TypeIntegers);

    public static Proto Attribute(string name, params string[] values) =>
        new Proto().Text(1, name).Each(values, (proto, value) => proto.Text(9, value)).Integer(20, TypeTexts);

    public static Proto Attribute(string name, long value) =>
        new Proto().Text(1, name).Integer(3, value).Integer(20, TypeInteger);

    public static Proto Attribute(string name, Proto graph) =>
        new Proto().Text(1, name).Message(6, graph).Integer(20, TypeGraph);

    public static Proto TypeAttribute(string name, TensorElementType tensor) =>
        new Proto().Text(1, name).Message(14, TensorType(tensor, [1])).Integer(20, TypeType);

    /// <summary>An output that is a tensor of one element, or absent.</summary>
    public static Proto Optional(string name, TensorElementType type) =>
        new Proto()
            .Text(1, name)
            .Message(2, new Proto().Message(9, new Proto().Message(1, TensorType(type, [1]))));

    /// <summary>An input or output that is a tensor; a dimension is a length (long or int), a name, or null.</summary>
    public static Proto Tensor(string name, TensorElementType type, params object?[] dimensions) =>
        new Proto().Text(1, name).Message(2, TensorType(type, dimensions));

    /// <summary>An output that is a list of tensors.</summary>
    public static Proto Sequence(string name, TensorElementType type, params object?[] dimensions) =>
        new Proto()
            .Text(1, name)
            .Message(2, new Proto().Message(4, new Proto().Message(1, TensorType(type, dimensions))));

    /// <summary>An output that is a list of maps to floats.</summary>
    public static Proto SequenceOfMaps(string name, TensorElementType key)
    {
        Proto map = new Proto().Integer(1, (long)key).Message(2, TensorType(TensorElementType.Float, []));
        return new Proto()
            .Text(1, name)
            .Message(2, new Proto().Message(4, new Proto().Message(1, new Proto().Message(5, map))));
    }

    /// <summary>A constant whose elements are a whole file beside the model.</summary>
    public static Proto ExternalConstant(string name, TensorElementType type, string file, params long[] shape) =>
        new Proto()
            .Each(shape, (tensor, length) => tensor.Integer(1, length))
            .Integer(2, (long)type)
            .Text(8, name)
            .Message(13, new Proto().Text(1, "location").Text(2, file))
            .Integer(14, OfAnotherFile);

    public static Proto Constant<T>(string name, TensorElementType type, T[] elements, params long[] shape)
        where T : unmanaged =>
        new Proto()
            .Each(shape, (tensor, length) => tensor.Integer(1, length))
            .Integer(2, (long)type)
            .Text(8, name)
            .Bytes(9, MemoryMarshal.AsBytes(elements.AsSpan()));

    private static Proto TensorType(TensorElementType type, object?[] dimensions)
    {
        Proto shape = new Proto().Each(dimensions, (proto, dimension) => proto.Message(1, dimension switch
        {
            null => new Proto(),
            string name => new Proto().Text(2, name),
            _ => new Proto().Integer(1, Convert.ToInt64(dimension, null)),
        }));
        return new Proto().Message(1, new Proto().Integer(1, (long)type).Message(2, shape));
    }
}
