using System.Text.Json;
using System.Text.Json.Serialization;

namespace Bento.CSharp;

/// <summary>
/// Has what is no input of an endpoint's own, such as an anonymous object, written with values as services read them: enums by
/// name, spans as ISO 8601 has them.
/// </summary>
internal sealed class WireConverters : JsonConverterFactory
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerOptions.Web) { Converters = { new WireConverters() } };

    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) => CodecOf(typeToConvert) is not null;

    /// <inheritdoc/>
    public override JsonConverter? CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter?)Activator.CreateInstance(typeof(Writing<>).MakeGenericType(typeToConvert), CodecOf(typeToConvert));

    private static Codec? CodecOf(Type type) =>
        Codecs.ofType(WireRulesModule.defaults, "input", type) is { IsOk: true, ResultValue: var codec } ? codec : null;

    private sealed class Writing<T>(Codec codec) : JsonConverter<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("Inputs are only written.");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => codec.WriteObject(writer, value);
    }
}
