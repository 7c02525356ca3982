using System.Collections.Immutable;
using System.Linq.Expressions;
using System.Reflection;
using Bento.OnnxRuntime.Native;

namespace Bento.OnnxRuntime.Rows;

/// <summary>
/// Which part of a row is which input or output of a model: the row itself, or the fields of a record by their names.
/// Reflection is done once; what runs is compiled.
/// </summary>
internal static class RowFields
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>The inputs in the order of the model.</summary>
    /// <exception cref="ArgumentException">Rows of the type, or the options, do not fit the model.</exception>
    public static RowInput<TRow>[] Inputs<TRow>(InferenceSession session, ImmutableArray<Padding> paddings)
    {
        ImmutableArray<ValueInfo> infos = session.Inputs;
        foreach (ValueInfo info in infos)
        {
            CheckRows("input", info, session);
        }

        CheckPaddings(infos, paddings);
        ValueInfo[] held = [.. infos.Where(info => paddings.All(padding => padding.Mask != info.Name))];
        Dictionary<string, MemberExpression?> fields = Match(typeof(TRow), "input", held, out ParameterExpression row);
        var inputs = new RowInput<TRow>[infos.Length];
        int start = 0;
        for (int i = 0; i < inputs.Length; i++)
        {
            if (fields.TryGetValue(infos[i].Name, out MemberExpression? field))
            {
                Padding? padding = paddings.FirstOrDefault(padding => padding.Input == infos[i].Name);
                inputs[i] = Input<TRow>(infos[i], start, field ?? (Expression)row, row, padding);
                start += inputs[i].Rank;
            }
        }

        foreach (Padding padding in paddings.Where(padding => padding.Mask is not null))
        {
            int mask = Place(infos, padding.Mask!);
            inputs[mask] = (RowInput<TRow>)Make(
                typeof(RowMask<,>),
                [typeof(TRow), MaskElement(infos[mask])],
                infos[mask],
                inputs[Place(infos, padding.Input)]);
        }

        return inputs;
    }

    /// <summary>The outputs that rows of the type hold, and how a row is made of them.</summary>
    /// <exception cref="ArgumentException">Rows of the type do not fit the model.</exception>
    public static (RowOutput[] Outputs, Func<Array[], int, TRow>? Make) Outputs<TRow>(
        InferenceSession session, (string Name, int Place)[] filled)
    {
        ImmutableArray<ValueInfo> infos = session.Outputs;
        if (RowForms.TryFind(typeof(TRow), out _, out _))
        {
            return infos.Length == 1
                ? ([Output(infos[0], typeof(TRow), session, filled)], null)
                : throw new ArgumentException(
                    $"The model has {infos.Length} outputs: {string.Join(", ", infos)}; wanted rows that are a record "
                    + $"with a field for each one to be computed, not {typeof(TRow)}.");
        }

        (ConstructorInfo constructor, PropertyInfo[] properties) = Record(typeof(TRow), "output", infos);
        RowOutput[] outputs = [.. properties.Select(property =>
            Output(Named(infos, property, "output", typeof(TRow)), property.PropertyType, session, filled))];
        ParameterExpression columns = Expression.Parameter(typeof(Array[]));
        ParameterExpression index = Expression.Parameter(typeof(int));
        IEnumerable<Expression> arguments = properties.Select((property, place) =>
            Expression.ArrayIndex(
                Expression.Convert(
                    Expression.ArrayIndex(columns, Expression.Constant(place)), property.PropertyType.MakeArrayType()),
                index));
        return (outputs, Expression.Lambda<Func<Array[], int, TRow>>(
            Expression.New(constructor, arguments), columns, index).Compile());
    }

    private static RowInput<TRow> Input<TRow>(
        ValueInfo info, int start, Expression field, ParameterExpression row, Padding? padding)
    {
        (object form, Type element) = Form("input", info, field.Type);
        Delegate read = Expression.Lambda(
            typeof(Func<,>).MakeGenericType(typeof(TRow), field.Type), field, row).Compile();
        return (RowInput<TRow>)Make(
            typeof(RowInput<,,>), [typeof(TRow), field.Type, element], info, start, read, form, padding);
    }

    private static RowOutput Output(
        ValueInfo info, Type field, InferenceSession session, (string Name, int Place)[] filled)
    {
        CheckRows("output", info, session);
        (object form, Type element) = Form("output", info, field);
        return (RowOutput)Make(
            typeof(RowOutput<,>), [field, element], info, form, Place(session.Inputs, info.Name) >= 0, filled);
    }

    /// <summary>Refuses a model that does not take rows.</summary>
    private static void CheckRows(string word, ValueInfo info, InferenceSession session)
    {
        string subject = session.ModelFile is { } file ? $"{word} {info} of the model '{file}'" : $"{word} {info}";
        if (info.Kind != ValueKind.Tensor)
        {
            throw new ArgumentException($"The {subject} is no tensor, so it has no rows.");
        }

        if (info.Dimensions.IsEmpty ? word == "input" : !info.Dimensions[0].IsFree)
        {
            string reason = info.Dimensions.IsEmpty
                ? "has no first dimension that the model tells of"
                : $"has a first dimension that is always {info.Dimensions[0].Length}";
            throw new ArgumentException(
                $"The {subject} {reason}, so rows cannot share a run; wanted one that is free, as in "
                + $"{info.ElementType}[batch, …]. Export the model with a free batch dimension, or run it row by row.");
        }
    }

    private static void CheckPaddings(ImmutableArray<ValueInfo> infos, ImmutableArray<Padding> paddings)
    {
        string[] named = [.. paddings.Select(padding => padding.Input)];
        string[] masks = [.. paddings.Select(padding => padding.Mask).OfType<string>()];
        foreach (string name in named.Concat(masks))
        {
            if (Place(infos, name) < 0)
            {
                throw new ArgumentException(
                    $"A padding names the input '{name}', which the model does not have. Its inputs: "
                    + $"{string.Join(", ", infos)}.");
            }
        }

        if (named.Concat(masks).GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"Paddings name the input '{twice.Key}' more than once; wanted one each.");
        }
    }

    private static Type MaskElement(ValueInfo mask) =>
        mask.Dimensions.Length == 2 && ElementTypes.TypeOf(mask.ElementType) is { } element
            ? element
            : throw new ArgumentException($"The mask {mask} is not of two dimensions: rows, and what is filled.");

    private static (object Form, Type Element) Form(string word, ValueInfo info, Type field)
    {
        if (!RowForms.TryFind(field, out object? form, out Type? element)
            || !ElementTypes.TryFind(element, out TensorElementType given)
            || given != info.ElementType)
        {
            string wanted = ElementTypes.TypeOf(info.ElementType)?.Name ?? "a type that .NET does not have";
            throw new ArgumentException(
                $"The {word} {info} is to be held by {field}; wanted an array, Memory, Tensor or single one of {wanted}.");
        }

        MethodInfo check = typeof(RowShape).GetMethod(nameof(RowShape.Check))!.MakeGenericMethod(field, element);
        check.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [word, info, form], null);
        return (form, element);
    }

    /// <summary>The fields of a row by the names of the model's values; null for the row as a whole.</summary>
    private static Dictionary<string, MemberExpression?> Match(
        Type type, string word, ValueInfo[] infos, out ParameterExpression row)
    {
        ParameterExpression parameter = Expression.Parameter(type);
        row = parameter;
        if (RowForms.TryFind(type, out _, out _))
        {
            return infos.Length == 1
                ? new() { [infos[0].Name] = null }
                : throw new ArgumentException(
                    $"The model has {infos.Length} {word}s to be held by rows: {string.Join<ValueInfo>(", ", infos)}; "
                    + $"wanted rows that are a record with a field for each, not {type}.");
        }

        (_, PropertyInfo[] properties) = Record(type, word, infos);
        var matched = properties.ToDictionary(
            property => Named(infos, property, word, type).Name,
            property => (MemberExpression?)Expression.Property(parameter, property));
        return infos.FirstOrDefault(info => !matched.ContainsKey(info.Name)) is { } missing
            ? throw new ArgumentException(
                $"{type} has no field for the {word} {missing}. Its fields: "
                + $"{string.Join(", ", properties.Select(property => property.Name))}.")
            : matched;
    }

    /// <summary>The constructor of a record, and its properties in the order of the parameters.</summary>
    private static (ConstructorInfo Constructor, PropertyInfo[] Properties) Record(
        Type type, string word, IEnumerable<ValueInfo> infos)
    {
        foreach (ConstructorInfo constructor in type.GetConstructors(Any)
            .OrderByDescending(constructor => constructor.GetParameters().Length))
        {
            ParameterInfo[] parameters = constructor.GetParameters();
            PropertyInfo[] properties = [.. parameters
                .Select(parameter => type.GetProperty(parameter.Name ?? "", Any | BindingFlags.IgnoreCase))
                .OfType<PropertyInfo>()];
            if (properties.Length > 0 && properties.Length == parameters.Length)
            {
                return (constructor, properties);
            }
        }

        throw new ArgumentException(
            $"{type} cannot hold rows of a model; wanted an array, Memory, Tensor or number, or a record with a field for "
            + $"each {word}: {string.Join(", ", infos)}.");
    }

    private static ValueInfo Named(IEnumerable<ValueInfo> infos, PropertyInfo property, string word, Type type)
    {
        ValueInfo[] found = [.. infos.Where(info => Letters(info.Name) == Letters(property.Name))];
        return found.Length == 1
            ? found[0]
            : throw new ArgumentException(
                $"The field {property.Name} of {type} is the name of {found.Length} {word}s of the model; wanted one of: "
                + $"{string.Join(", ", infos)}.");
    }

    /// <summary>A name as it is whatever a language's habits: <c>input_ids</c> is <c>InputIds</c>.</summary>
    private static string Letters(string name) =>
        string.Concat(name.Where(char.IsLetterOrDigit)).ToUpperInvariant();

    private static int Place(ImmutableArray<ValueInfo> infos, string name) =>
        infos.Select(info => info.Name).ToImmutableArray().IndexOf(name);

    private static object Make(Type definition, Type[] types, params object?[] arguments) =>
        Activator.CreateInstance(
            definition.MakeGenericType(types), Any | BindingFlags.DoNotWrapExceptions, null, arguments, null)!;
}
