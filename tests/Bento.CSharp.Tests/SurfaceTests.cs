using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Xunit;

namespace Bento.CSharp.Tests;

/// <summary>What callers see of the facade.</summary>
public sealed class SurfaceTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Type[] _types =
        [.. typeof(BentoService).Assembly.GetExportedTypes().OrderBy(type => type.ToString(), StringComparer.Ordinal)];

    /// <summary>What methods are given, take, return and raise, and what tests give them, though no signature of the facade says so.</summary>
    private static readonly Type[] _given =
    [
        typeof(Context), typeof(Context<>), typeof(BatchContext), typeof(BatchContext<>),
        typeof(File), typeof(Image),
        typeof(BentoException), typeof(InvalidServiceException),
        typeof(LocalContext), typeof(LocalBatchContext), typeof(StoredRequest),
        .. typeof(Context).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(Attribute))),
    ];

    [Fact]
    public void No_type_of_FSharp_shows() =>
        Assert.Empty(
            from type in Reached()
            from mentioned in Around(type).Select(other => (Member: "itself", Type: other))
                .Concat(type.GetMembers(Declared).SelectMany(member => Mentioned(member).Select(other => (Member: member.Name, Type: other))))
            where mentioned.Type.Namespace?.StartsWith("Microsoft.FSharp", StringComparison.Ordinal) == true
            select $"{type.Name}.{mentioned.Member}: {mentioned.Type}");

    [Fact]
    public void What_a_handler_sees_is_followed_as_far_as_it_goes()
    {
        Type[] seen =
        [
            typeof(Request), typeof(Fields), typeof(Response), typeof(Cookie), typeof(SameSite), typeof(Log), typeof(LogLevel),
            typeof(WorkerPlace), typeof(Pixels), typeof(OnnxRuntime.InferenceSession), typeof(OnnxRuntime.OrtValue),
        ];

        Assert.Empty(seen.Except(Reached()));
    }

    [Fact]
    public void No_member_begins_with_a_small_letter() =>
        Assert.Empty(
            from type in _types
            from member in type.GetMembers(Declared)
            where char.IsLower(member.Name[0]) && member is MethodBase { IsSpecialName: false } or PropertyInfo
            select $"{type.Name}.{member.Name}");

    /// <summary>After an intended change, run the tests once with BENTO_UPDATE_SURFACE=1 and read the difference of Surface.txt.</summary>
    [Fact]
    public void The_surface_is_the_one_in_the_checked_in_file()
    {
        var file = Path.Combine(Folder(), "Surface.txt");
        var surface = string.Concat(_types.Select(type => $"{type}\n{string.Concat(Members(type).Order(StringComparer.Ordinal))}"));

        if (Environment.GetEnvironmentVariable("BENTO_UPDATE_SURFACE") == "1")
        {
            System.IO.File.WriteAllText(file, surface);
        }

        Assert.Equal(System.IO.File.ReadAllText(file).ReplaceLineEndings("\n"), surface);
    }

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;

    private static IEnumerable<string> Members(Type type) =>
        from member in type.GetMembers(Declared)
        where member is not (Type or MethodBase { IsSpecialName: true, IsConstructor: false })
            && !member.IsDefined(typeof(CompilerGeneratedAttribute))
        let line = Regex.Replace($"  {member.MemberType.ToString().ToLowerInvariant()} {member}\n", @"\b(System|Microsoft)\.([A-Za-z]+\.)*", "")
        select line;

    /// <summary>The types of Bento's own that a caller of the facade can come to.</summary>
    private static HashSet<Type> Reached()
    {
        var reached = new HashSet<Type>();
        var waiting = new Queue<Type>(_types.Concat(_given));

        while (waiting.TryDequeue(out var next))
        {
            var type = next.IsGenericType ? next.GetGenericTypeDefinition() : next;
            var isOurs = !type.HasElementType && !type.IsGenericParameter && type.Assembly.GetName().Name?.StartsWith("Bento", StringComparison.Ordinal) == true;

            if (isOurs && reached.Add(type))
            {
                foreach (var other in Around(type).Concat(type.GetMembers(Declared).SelectMany(Mentioned)))
                {
                    waiting.Enqueue(other);
                }
            }
        }

        return reached;
    }

    /// <summary>What a type is, beside its members.</summary>
    private static IEnumerable<Type> Around(Type type) =>
        type.GetInterfaces()
            .Concat(type.BaseType is { } ancestor ? [ancestor] : [])
            .Concat(type.GetGenericArguments().SelectMany(argument => argument.GetGenericParameterConstraints()))
            .SelectMany(Parts);

    private static IEnumerable<Type> Mentioned(MemberInfo member) => member switch
    {
        Type nested => [nested],
        MethodInfo method => method.GetParameters().SelectMany(parameter => Parts(parameter.ParameterType)).Concat(Parts(method.ReturnType)),
        ConstructorInfo constructor => constructor.GetParameters().SelectMany(parameter => Parts(parameter.ParameterType)),
        PropertyInfo property => Parts(property.PropertyType),
        FieldInfo field => Parts(field.FieldType),
        _ => [],
    };

    private static IEnumerable<Type> Parts(Type type)
    {
        yield return type;

        foreach (var part in type.GetGenericArguments().Concat(type.HasElementType ? [type.GetElementType()!] : []))
        {
            foreach (var inner in Parts(part))
            {
                yield return inner;
            }
        }
    }
}
