namespace Bento

open System
open System.Collections.Generic
open System.Reflection
open System.Text
open Microsoft.FSharp.Reflection

/// What a service says of all its types.
[<NoComparison>]
type WireRules = {
    Naming: Naming
    /// Whether bodies with fields that a type does not have are refused.
    Strict: bool
    /// Codecs that stand in for what would be made of their types.
    Codecs: Codec list
}

[<RequireQualifiedAccess>]
module WireRules =

    /// What holds for a service that says nothing.
    let defaults: WireRules = {
        Naming = Camel
        Strict = false
        Codecs = []
    }

/// From types to codecs, or to everything that keeps a type from travelling.
[<RequireQualifiedAccess>]
module Codecs =

    // -- the derivation ------------------------------------------------------------------------------

    let private wanted =
        "bool, numbers, text, dates and times, enums, options, tuples, lists, arrays, sets, maps, tensors, files, and records, unions and classes of these"

    /// Types deeper than this are one that holds itself at ever larger type arguments.
    [<Literal>]
    let private deepest = 16

    /// A floating-point number in a list may be null, which is then not a number.
    let private asItem (codec: Codec) : Codec =
        match codec with
        | :? Codec<Half> as codec -> NaNCodec(codec, Half.NaN)
        | :? Codec<float32> as codec -> NaNCodec(codec, nanf)
        | :? Codec<float> as codec -> NaNCodec(codec, nan)
        | codec -> codec

    let private constrained (place: Place) (codec: Codec) : Result<Codec, Shapeless list> =
        match place.Constraints, place.Mistakes @ FieldRules.faults codec.Shape place.Constraints with
        | [], [] -> Ok codec
        | constraints, [] -> Ok(CodecMakers.CodecAt "Constrained" [ codec.Type ] [ codec; constraints ])
        | _, reasons -> Error [ for reason in reasons -> { Path = place.Path; Reason = reason } ]

    let rec private derive (rules: WireRules) (place: Place) (kind: Type) : Result<Codec, Shapeless list> =
        match rules.Codecs |> List.tryFind (fun codec -> codec.Type = kind), kind with
        | Some codec, _ -> constrained place codec
        | _, TypeKinds.OptionalOf(_, TypeKinds.OptionalOf _) ->
            Place.fault place "is an option of an option, which JSON cannot tell from one; use a single option"
        | _, TypeKinds.OptionalOf(_, inner) when inner = typeof<unit> ->
            Place.fault place "is an option of unit, and both its values are null in JSON; use bool"
        | _, TypeKinds.OptionalOf(maker, inner) ->
            let place = {
                place with
                    Nullability = TypeKinds.argument 0 place.Nullability
            }

            if TypeKinds.isNullable inner place.Nullability then
                Place.fault
                    place
                    "is an option of what may be null, which JSON cannot tell from one; use a single option"
            else
                derive rules place inner
                |> Result.map (fun inner -> CodecMakers.CodecAt maker [ inner.Type ] [ inner ])
        | _ when TypeKinds.isNullable kind place.Nullability ->
            deriveValue rules place kind
            |> Result.map (fun inner -> CodecMakers.CodecAt "Reference" [ kind ] [ inner ])
        | _ -> deriveValue rules place kind

    and private deriveValue rules place kind : Result<Codec, Shapeless list> =
        match kind with
        | TypeKinds.TensorOf element ->
            match TensorCodecs.ofElement element place.Dimensions with
            | _ when place.Dimensions |> Option.exists (List.exists (fun length -> length < -1)) ->
                Place.fault place "has a dimension below -1; give a length, or -1 for any"
            | Some codec -> constrained place codec
            | None ->
                Place.fault
                    place
                    $"is a tensor of {TypeName.ofType element}; a tensor holds bool, or numbers but decimals"
        | _ when place.Dimensions.IsSome -> Place.fault place "has dimensions by Shape, which is for a tensor"
        | ScalarCodecs.Scalar codec -> constrained place codec
        | TypeKinds.MapOf(maker, types, key, value) -> deriveMap rules place maker types key value
        | TypeKinds.CollectionOf(maker, types, item) -> deriveCollection rules place maker types item
        | _ when kind.IsEnum -> deriveEnum place kind
        | _ when FSharpType.IsTuple kind -> deriveTuple rules place kind
        | _ -> deriveObject rules place kind

    and private deriveMap rules place maker types key value =
        let keyCodec =
            match key with
            | ScalarCodecs.Scalar codec when
                codec.Shape.IsInteger
                || codec.Shape = Shape.Text TextFormat.Plain
                || codec.Shape = Shape.Text TextFormat.Guid
                ->
                Ok codec
            // What is said of the map is not said of its keys.
            | _ when key.IsEnum -> deriveEnum (Place.inside place "" null) key
            | _ ->
                Place.fault
                    place
                    $"has keys of type {TypeName.ofType key}; use strings, whole numbers, Guids or enums for keys"

        match keyCodec, derive rules (Place.inside place "[]" (TypeKinds.argument 1 place.Nullability)) value with
        | Ok key, Ok value -> CodecMakers.CodecAt maker types [ key; value ] |> constrained place
        | key, value ->
            [ key; value ]
            |> Place.combine
            |> Result.bind (fun _ -> Place.fault place "has no key or no value")

    and private deriveCollection rules place maker types item =
        let nullability =
            if maker = "Array" || maker.StartsWith("Grid", StringComparison.Ordinal) then
                TypeKinds.elementOf item place.Nullability
            else
                TypeKinds.argument 0 place.Nullability

        derive rules (Place.inside place "[]" nullability) item
        |> Result.map (fun item ->
            if maker.EndsWith("Set", StringComparison.Ordinal) then
                item
            else
                asItem item)
        |> Result.bind (fun item -> CodecMakers.CodecAt maker types [ item ] |> constrained place)

    and private deriveEnum place kind =
        if kind.IsDefined(typeof<FlagsAttribute>, false) then
            Place.fault
                place
                $"is of type {TypeName.ofType kind}, whose values are many names at once; use a set of an enum"
        elif Enum.GetNames(kind).Length = 0 then
            Place.fault place $"is of type {TypeName.ofType kind}, an enum without a name"
        else
            CodecMakers.CodecAt "Enum" [ kind ] [] |> constrained place

    and private deriveTuple rules place kind =
        FSharpType.GetTupleElements kind
        |> Array.mapi (fun index part ->
            derive rules (Place.inside place $"[{index}]" (TypeKinds.argument index place.Nullability)) part)
        |> List.ofArray
        |> Place.combine
        |> Result.bind (fun parts -> CodecMakers.CodecAt "Tuple" [ kind ] [ Array.ofList parts ] |> constrained place)

    and private deriveObject rules place kind =
        let name = TypeName.ofType kind

        let inner = {
            place with
                Outer = kind :: place.Outer
        }

        if List.contains kind place.Outer then
            Place.fault place $"is {name} inside {name}; a type that contains itself has no end"
        elif place.Outer.Length = deepest then
            Place.fault place $"is a type inside {deepest} others; a type that contains itself has no end"
        elif FSharpType.IsRecord kind then
            deriveFields rules inner kind (Members.ofRecord kind)
        elif FSharpType.IsRecord(kind, TypeKinds.hidden) then
            Place.fault place $"is of type {name}, a record that is not public; make it public"
        elif FSharpType.IsUnion kind then
            deriveUnion rules inner kind
        elif FSharpType.IsUnion(kind, TypeKinds.hidden) then
            Place.fault place $"is of type {name}, a union that is not public; make it public"
        elif not (TypeKinds.isClass kind) then
            Place.fault place $"is of type {name}; wanted {wanted}"
        elif not kind.IsVisible then
            Place.fault place $"is of type {name}, a class that is not public; make it public"
        else
            match Members.ofClass kind with
            | Ok anatomy -> deriveFields rules inner kind anatomy
            | Error reason -> Place.fault place $"is of type {name}, which {reason}"

    // -- fields --------------------------------------------------------------------------------------

    /// The JSON that stands for the field where it is absent, as attributes or the type itself give it.
    and private defaultOf
        place
        (codec: Codec)
        (given: Member)
        (said: FieldRules)
        : Result<string option, Shapeless list> =
        let isTaken (json: string) =
            match codec.DecodeObject(ReadOnlyMemory(Encoding.UTF8.GetBytes json)) with
            | Ok _ -> Ok(Some json)
            | Error _ ->
                Place.fault
                    place
                    $"has the default {json}, which is not {Shape.describe codec.Shape} as the field wants it"

        let written value =
            let buffer = JsonBuffer.Rent()

            try
                codec.WriteObject(buffer.Writer, value)
                Ok(Some(Encoding.UTF8.GetString(buffer.Finish())))
            with :? InvalidOperationException as problem ->
                Place.fault place $"has a default that is not of its type: {problem.Message}"

        match said.Default, given.WhenAbsent with
        | Some(Ok json), _ -> isTaken json
        | Some(Error reason), _ -> Place.fault place reason
        | None, WhenAbsent.Value null -> Ok None
        | None, WhenAbsent.Value value -> written value
        | None, (WhenAbsent.Nothing | WhenAbsent.Initializer) -> Ok None

    and private deriveField rules place (given: Member, (name: string, alias: string option)) =
        let said = FieldRules.ofSources given.Sources

        let place =
            Place.inside place $".{name}" given.Nullability |> Place.saying said given.Type

        derive rules place given.Type
        |> Result.bind (fun codec ->
            defaultOf place codec given said
            |> Result.map (fun json ->
                let isRequired =
                    json.IsNone && not codec.Shape.IsOptional && not given.WhenAbsent.IsInitializer

                let shape: FieldShape = {
                    Name = name
                    Alias = alias
                    Member = given.Name
                    Shape = codec.Shape
                    Required = isRequired
                    Default = json
                    Constraints = place.Constraints
                }

                let set =
                    match given.Setter with
                    | null -> null
                    | setter -> MethodInvoker.Create setter

                given, FieldReader.make (FieldCodec(shape, codec)) set))

    and private deriveFields rules place kind (anatomy: Anatomy) =
        let names = anatomy.Members |> List.map _.Name |> TypeKinds.named rules.Naming

        let fields =
            List.zip anatomy.Members names
            |> List.map (deriveField rules place)
            |> Place.combine

        match Place.clashes place names, fields with
        | [], Ok fields ->
            let shape: RecordShape = {
                Name = (TypeName.ofType kind)
                Type = kind
                Fields = fields |> List.map (fun (_, field) -> field.Codec.Shape)
                Closed = rules.Strict || kind.IsDefined(typeof<StrictAttribute>, true)
            }

            let writers = [|
                for given, field in fields do
                    let shape = field.Codec.Shape
                    let leavesOut = shape.Shape.IsOptional && shape.Default.IsNone

                    CodecMakers.At "Writer" [ kind; given.Type ] [
                        shape.Name
                        field.Codec.Codec
                        leavesOut
                        given.Getter
                    ]
            |]

            CodecMakers.CodecAt "Object" [ kind ] [
                shape
                fields |> List.map snd |> Array.ofList
                writers
                anatomy.Constructor
            ]
            |> constrained place
        | clashes, Ok _ -> Error clashes
        | clashes, Error faults -> Error(clashes @ faults)

    and private deriveUnion rules place kind =
        let cases = FSharpType.GetUnionCases kind

        if cases |> Array.forall (fun case -> case.GetFields().Length = 0) then
            CodecMakers.CodecAt "Choice" [ kind ] [ cases ] |> constrained place
        else
            cases
            |> Array.map (deriveCase rules place)
            |> List.ofArray
            |> Place.combine
            |> Result.bind (fun cases ->
                let shape: UnionShape = {
                    Name = TypeName.ofType kind
                    Type = kind
                    Cases = cases |> List.map _.Shape
                    Closed = rules.Strict || kind.IsDefined(typeof<StrictAttribute>, true)
                }

                CodecMakers.CodecAt "Union" [ kind ] [ shape; Array.ofList cases ]
                |> constrained place)

    and private deriveCase rules place (case: UnionCaseInfo) : Result<UnionCase, Shapeless list> =
        let place = {
            place with
                Path = $"{place.Path}.{case.Name}"
        }

        let members: Member list = [
            for property in case.GetFields() ->
                {
                    Name = property.Name
                    Type = property.PropertyType
                    Sources = [ property ]
                    Nullability = null
                    Getter = property.GetGetMethod()
                    Setter = null
                    WhenAbsent = WhenAbsent.Nothing
                }
        ]

        let names = members |> List.map _.Name |> TypeKinds.named rules.Naming

        let tagged = [
            for name, alias in names do
                if name = "type" || alias = Some "type" then
                    {
                        Path = $"{place.Path}.{name}"
                        Reason = "is named as the field that says which case it is; give it another name"
                    }
        ]

        match
            tagged @ Place.clashes place names,
            List.zip members names |> List.map (deriveField rules place) |> Place.combine
        with
        | [], Ok fields ->
            let make = FSharpValue.PreComputeUnionConstructor case
            let take = FSharpValue.PreComputeUnionReader case

            Ok {
                Shape = {
                    Name = case.Name
                    Fields = fields |> List.map (fun (_, field) -> field.Codec.Shape)
                }
                Fields = fields |> List.map snd |> Array.ofList
                Make = make
                Take = fun value -> take (nonNull value)
            }
        | clashes, Ok _ -> Error clashes
        | clashes, Error faults -> Error(clashes @ faults)

    /// The codec of a method's parameters as the fields of one object.
    let internal ofParameters
        (rules: WireRules)
        (path: string)
        (parameters: ParameterInfo list)
        : Result<Codec, Shapeless list> =
        let place = Place.root path null
        let members = parameters |> List.map Members.ofArgument
        let names = members |> List.map _.Name |> TypeKinds.named rules.Naming

        match
            Place.clashes place names, List.zip members names |> List.map (deriveField rules place) |> Place.combine
        with
        | [], Ok fields ->
            let shape: RecordShape = {
                Name = "arguments"
                Type = typeof<Arguments>
                Fields = fields |> List.map (fun (_, field) -> field.Codec.Shape)
                Closed = rules.Strict
            }

            Ok(ArgumentsCodec(shape, fields |> List.map snd |> Array.ofList))
        | clashes, Ok _ -> Error clashes
        | clashes, Error faults -> Error(clashes @ faults)

    /// What is known of null in what a batch's array, a task or a sequence holds.
    let private within (info: NullabilityInfo | null) : NullabilityInfo | null =
        match info with
        | null -> null
        | info when info.Type.IsArray -> info.ElementType
        | info -> TypeKinds.argument 0 info

    /// The codec of a method's only parameter, with what is said of that. A request brings one of a batch's rows, or of
    /// a socket's messages.
    let internal ofParameter
        (rules: WireRules)
        (path: string)
        (kind: Type)
        (parameter: ParameterInfo)
        : Result<Codec, Shapeless list> =
        let given: NullabilityInfo | null = NullabilityInfoContext().Create parameter

        let nullability =
            if kind = parameter.ParameterType then
                given
            else
                within given

        let said = FieldRules.ofSources [ parameter ]
        derive rules (Place.root path nullability |> Place.saying said kind) kind

    /// The codec of what a method returns, so many types down.
    let internal ofReturned
        (rules: WireRules)
        (path: string)
        (kind: Type)
        (depth: int)
        (method: MethodInfo)
        : Result<Codec, Shapeless list> =
        let given: NullabilityInfo | null =
            NullabilityInfoContext().Create method.ReturnParameter

        let nullability = List.fold (fun info _ -> within info) given [ 1..depth ]
        let said = FieldRules.ofSources [ method.ReturnParameter ]
        derive rules (Place.root path nullability |> Place.saying said kind) kind

    /// The codec of a type, or everything in it that cannot travel; `path` names the type in paths, as in "input".
    let ofType (rules: WireRules) (path: string) (kind: Type) : Result<Codec, Shapeless list> =
        derive rules (Place.root path null) kind
