namespace Bento

open System
open System.Text.Encodings.Web
open System.Text.Json
open System.Text.Json.Serialization
open System.Text.Json.Serialization.Metadata

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

    let private isGeneric (definition: Type) (kind: Type) =
        kind.IsGenericType && kind.GetGenericTypeDefinition() = definition

    /// A field that is an option may be absent; the struct option is absent from answers as the other one is.
    let private optionals (info: JsonTypeInfo) =
        for property in info.Properties do
            if isGeneric typedefof<int voption> property.PropertyType then
                let none = Activator.CreateInstance property.PropertyType
                property.ShouldSerialize <- fun _ value -> not (Object.Equals(value, none))

            match Shape.ofType "" property.PropertyType with
            | Ok(Shape.Optional _) -> property.IsRequired <- false
            | _ -> ()

    /// The one set of options that all endpoints share.
    let options =
        let resolver = DefaultJsonTypeInfoResolver()
        resolver.Modifiers.Add optionals

        let options =
            JsonSerializerOptions(
                PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
                DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
                RespectRequiredConstructorParameters = true,
                AllowDuplicateProperties = false,
                Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
                TypeInfoResolver = resolver
            )

        options.Converters.Add(SingleConverter())
        options.Converters.Add(DoubleConverter())
        options.MakeReadOnly()
        options

    /// How System.Text.Json sees a type, looked up once an endpoint.
    let info<'T> = options.GetTypeInfo typeof<'T> :?> JsonTypeInfo<'T>
