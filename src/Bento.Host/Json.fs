namespace Bento

open System
open System.Reflection
open System.Text.Encodings.Web
open System.Text.Json
open System.Text.Json.Serialization
open System.Text.Json.Serialization.Metadata
open Microsoft.FSharp.Reflection

/// How values are written as JSON and read from it: System.Text.Json, made as strict as the contract.
module internal Json =

    /// JSON has no infinities: a number too large is refused, one that is not finite is written as null.
    type private SingleConverter() =
        inherit JsonConverter<float32>()

        override _.Read(reader, _, _) =
            let number = reader.GetSingle()

            if Single.IsFinite number then
                number
            else
                raise (JsonException())

        override _.Write(writer, number, _) =
            if Single.IsFinite number then
                writer.WriteNumberValue number
            else
                writer.WriteNullValue()

    type private DoubleConverter() =
        inherit JsonConverter<float>()

        override _.Read(reader, _, _) =
            let number = reader.GetDouble()

            if Double.IsFinite number then
                number
            else
                raise (JsonException())

        override _.Write(writer, number, _) =
            if Double.IsFinite number then
                writer.WriteNumberValue number
            else
                writer.WriteNullValue()

    /// Nothing is null, or an object without fields that matter. Only for unit, which cannot itself be a base's argument.
    type private NothingConverter<'Unit>() =
        inherit JsonConverter<'Unit>()

        override _.Read(reader, _, _) =
            if reader.TokenType = JsonTokenType.StartObject then
                reader.Skip()
                Unchecked.defaultof<'Unit>
            else
                raise (JsonException())

        override _.Write(writer, _, _) = writer.WriteNullValue()

    let private isOptional (kind: Type) =
        match Shape.ofType "" kind with
        | Ok(Shape.Optional _) -> true
        | _ -> false

    /// What an absent option is: null, but for the struct option.
    let private absent (kind: Type) : objnull =
        if kind.IsValueType then
            Activator.CreateInstance kind
        else
            null

    /// A field that is an option may be absent, and is left out of answers then; no other may be absent or null.
    let private field (property: JsonPropertyInfo) =
        let optional = isOptional property.PropertyType
        property.IsRequired <- not optional

        if optional then
            let none = absent property.PropertyType
            property.ShouldSerialize <- fun _ value -> not (Object.Equals(value, none))

        if not property.PropertyType.IsValueType then
            let nullable = optional || property.PropertyType = typeof<unit>
            property.IsGetNullable <- nullable
            property.IsSetNullable <- nullable

    /// A record travels as its fields; its other members stay at home.
    let private record (info: JsonTypeInfo) =
        if FSharpType.IsRecord info.Type then
            let fields = FSharpType.GetRecordFields info.Type |> Array.map _.Name

            for property in List.ofSeq info.Properties do
                match property.AttributeProvider with
                | :? MemberInfo as source when Array.contains source.Name fields -> field property
                | _ -> info.Properties.Remove property |> ignore

    /// The one set of options that all endpoints share.
    let options =
        let resolver = DefaultJsonTypeInfoResolver()
        resolver.Modifiers.Add record

        let options =
            JsonSerializerOptions(
                PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
                RespectRequiredConstructorParameters = true,
                RespectNullableAnnotations = true,
                AllowDuplicateProperties = false,
                Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
                TypeInfoResolver = resolver
            )

        options.Converters.Add(SingleConverter())
        options.Converters.Add(DoubleConverter())
        options.Converters.Add(NothingConverter<unit>())
        AttachmentConverters.all |> List.iter options.Converters.Add
        options.MakeReadOnly()
        options

    /// How System.Text.Json sees a type, looked up once an endpoint.
    let info<'T> = options.GetTypeInfo typeof<'T> :?> JsonTypeInfo<'T>
