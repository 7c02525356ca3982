namespace Bento

open System
open System.Reflection
open System.Runtime.CompilerServices
open Microsoft.FSharp.Reflection

/// What a body without the field means.
[<RequireQualifiedAccess; NoComparison; NoEquality>]
type internal WhenAbsent =
    /// It is refused, unless the field's type has something for that.
    | Nothing
    | Value of objnull
    /// The field has what the type gives it, which cannot be told from outside.
    | Initializer

/// A field of a record or class as its code has it.
[<NoComparison; NoEquality>]
type internal Member = {
    Name: string
    Type: Type
    /// Where attributes may stand.
    Sources: ICustomAttributeProvider list
    Nullability: NullabilityInfo | null
    Getter: MethodInfo | null
    /// Where the constructor does not take the field.
    Setter: MethodInfo | null
    WhenAbsent: WhenAbsent
}

/// What a type is made of: the parameters of its constructor, then what is set afterwards.
[<NoComparison; NoEquality>]
type internal Anatomy = {
    Constructor: ConstructorInfo | null
    Members: Member list
}

[<RequireQualifiedAccess>]
module internal Members =

    let private instance = BindingFlags.Public ||| BindingFlags.Instance

    /// A generic type's own parameters say nothing of null: what stands for them is known by itself.
    let private isOpen (property: PropertyInfo) =
        match property.DeclaringType with
        | NonNull owner when owner.IsGenericType ->
            match owner.GetGenericTypeDefinition().GetProperty property.Name with
            | null -> false
            | generic -> generic.PropertyType.IsGenericParameter
        | _ -> false

    let private nullabilityOf (property: PropertyInfo) =
        if property.PropertyType.IsValueType || isOpen property then
            null
        else
            NullabilityInfoContext().Create property

    let private getter (property: PropertyInfo) = nonNull (property.GetGetMethod())

    // -- F# records ----------------------------------------------------------------------------------

    let ofRecord (kind: Type) : Anatomy =
        let construct = FSharpValue.PreComputeRecordConstructorInfo kind

        {
            Constructor = construct
            Members = [
                for property, parameter in Array.zip (FSharpType.GetRecordFields kind) (construct.GetParameters()) ->
                    {
                        Name = property.Name
                        Type = property.PropertyType
                        Sources = [ property; parameter ]
                        Nullability = nullabilityOf property
                        Getter = getter property
                        Setter = null
                        WhenAbsent = WhenAbsent.Nothing
                    }
            ]
        }

    // -- classes and structs -------------------------------------------------------------------------

    let private readable (kind: Type) =
        kind.GetProperties instance
        |> Array.filter (fun property ->
            not (isNull (property.GetGetMethod()))
            && property.GetIndexParameters().Length = 0)

    /// The default of a parameter that has one, as a value of its type: reflection gives a number for a nullable enum,
    /// and nothing for a struct's `default`.
    let defaultOf (parameter: ParameterInfo) : objnull =
        match parameter.DefaultValue with
        | null when parameter.ParameterType.IsValueType -> Activator.CreateInstance parameter.ParameterType
        | null -> null
        | value ->
            match Nullable.GetUnderlyingType parameter.ParameterType with
            | null -> value
            | inner when inner.IsEnum -> Enum.ToObject(inner, value)
            | _ -> value

    let private fallbackOf (parameter: ParameterInfo) =
        if parameter.HasDefaultValue then
            WhenAbsent.Value(defaultOf parameter)
        else
            WhenAbsent.Nothing

    /// A parameter that is a field of a method's input.
    let ofArgument (parameter: ParameterInfo) : Member = {
        Name = string parameter.Name
        Type = parameter.ParameterType
        Sources = [ parameter ]
        Nullability =
            if parameter.ParameterType.IsValueType then
                null
            else
                NullabilityInfoContext().Create parameter
        // Nothing is read from a parameter: its value comes beside the others.
        Getter = null
        Setter = null
        WhenAbsent = fallbackOf parameter
    }

    let private ofParameter (properties: PropertyInfo[]) (parameter: ParameterInfo) : Result<Member, string> =
        let isSame (property: PropertyInfo) =
            property.Name.Equals(parameter.Name, StringComparison.OrdinalIgnoreCase)
            && property.PropertyType = parameter.ParameterType

        match Array.tryFind isSame properties with
        | Some property ->
            Ok {
                Name = property.Name
                Type = property.PropertyType
                Sources = [ property; parameter ]
                Nullability = nullabilityOf property
                Getter = getter property
                Setter = null
                WhenAbsent = fallbackOf parameter
            }
        | None ->
            Error
                $"has a constructor with \"{parameter.Name}\", and no property of that name and type to write it from; add one"

    /// What a new value has in a property before anybody sets it.
    let private initial (fresh: objnull) (property: PropertyInfo) =
        let isRequired = property.IsDefined(typeof<RequiredMemberAttribute>, false)

        match fresh with
        | _ when isRequired -> WhenAbsent.Nothing
        | null -> WhenAbsent.Initializer
        | fresh ->
            match property.GetValue fresh with
            | null -> WhenAbsent.Nothing
            | value -> WhenAbsent.Value value

    let private ofSetter fresh (property: PropertyInfo) : Member = {
        Name = property.Name
        Type = property.PropertyType
        Sources = [ property ]
        Nullability = nullabilityOf property
        Getter = getter property
        Setter = property.GetSetMethod()
        WhenAbsent = initial fresh property
    }

    /// A value of which only the constructor has had a say; none where it takes something or raises.
    let private fresh (kind: Type) (construct: ConstructorInfo | null) : objnull =
        try
            match construct with
            | null -> Activator.CreateInstance kind
            | construct when construct.GetParameters().Length = 0 -> construct.Invoke [||]
            | _ -> null
        with :? TargetInvocationException ->
            null

    let private faultsOf parts =
        parts
        |> List.choose (fun part ->
            match part with
            | Ok _ -> None
            | Error fault -> Some fault)

    let private ofConstructor (kind: Type) (construct: ConstructorInfo | null) : Result<Anatomy, string> =
        let properties = readable kind

        let parameters =
            match construct with
            | null -> []
            | construct -> construct.GetParameters() |> Array.map (ofParameter properties) |> List.ofArray

        let taken = parameters |> List.choose Result.toOption
        let fresh = fresh kind construct

        let set = [
            for property in properties do
                let isTaken = taken |> List.exists (fun field -> field.Name = property.Name)

                if not (isTaken || isNull (property.GetSetMethod())) then
                    ofSetter fresh property
        ]

        match faultsOf parameters, taken @ set with
        | fault :: _, _ -> Error fault
        | [], [] -> Error "has no property that could travel; give it some, or take another type"
        | [], members ->
            Ok {
                Constructor = construct
                Members = members
            }

    let ofClass (kind: Type) : Result<Anatomy, string> =
        match kind.GetConstructors instance with
        | [| construct |] -> ofConstructor kind construct
        | [||] when kind.IsValueType -> ofConstructor kind null
        | constructors -> Error $"has {constructors.Length} public constructors; one would say how it is made"
