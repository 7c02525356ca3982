namespace Bento

open System

/// The value of a field that a body leaves out, as in [<Default(3)>]. Text for a type that travels as text is what a body would have.
[<Sealed;
  AttributeUsage(AttributeTargets.Property
                 ||| AttributeTargets.Field
                 ||| AttributeTargets.Parameter)>]
type DefaultAttribute(value: objnull) =
    inherit Attribute()
    member _.Value = value

/// The smallest and the largest number that a field takes.
[<Sealed;
  AttributeUsage(AttributeTargets.Property
                 ||| AttributeTargets.Field
                 ||| AttributeTargets.Parameter)>]
type RangeAttribute(minimum: float, maximum: float) =
    inherit Attribute()
    new(minimum: int, maximum: int) = RangeAttribute(float minimum, float maximum)
    member _.Minimum = minimum
    member _.Maximum = maximum

/// How many characters a text may have, how many items a list, set or map, how many bytes a byte array.
[<Sealed;
  AttributeUsage(AttributeTargets.Property
                 ||| AttributeTargets.Field
                 ||| AttributeTargets.Parameter)>]
type LengthAttribute(minimum: int, maximum: int) =
    inherit Attribute()
    member _.Minimum = minimum
    member _.Maximum = maximum

/// A regular expression that a text must have a match of; it runs in time linear in the text.
[<Sealed;
  AttributeUsage(AttributeTargets.Property
                 ||| AttributeTargets.Field
                 ||| AttributeTargets.Parameter)>]
type PatternAttribute(pattern: string) =
    inherit Attribute()
    member _.Pattern = pattern

/// The media type of a file, an image or bytes, as in "image/png" or "image/*".
[<Sealed;
  AttributeUsage(AttributeTargets.Property
                 ||| AttributeTargets.Field
                 ||| AttributeTargets.Parameter)>]
type ContentTypeAttribute(mediaType: string) =
    inherit Attribute()
    member _.MediaType = mediaType

/// The dimensions of a tensor, as in [<Shape(-1, 4)>]; -1 is one of any length, and no dimension at all is a single number.
[<Sealed;
  AttributeUsage(AttributeTargets.Property
                 ||| AttributeTargets.Field
                 ||| AttributeTargets.Parameter)>]
type ShapeAttribute([<ParamArray>] lengths: int[]) =
    inherit Attribute()
    member _.Lengths = lengths

/// Refuses bodies with fields that this type does not have; without it they are passed over.
[<Sealed; AttributeUsage(AttributeTargets.Class ||| AttributeTargets.Struct)>]
type StrictAttribute() =
    inherit Attribute()
