using System.ComponentModel.DataAnnotations;

namespace Bento.CSharp.Tests.Services;

public sealed record Text(string Body);

/// <summary>As in the sketch: four mistakes.</summary>
[Service]
public sealed class FourMistakes(string model)
{
    [OnDeployment]
    public Task NotStatic() => Task.CompletedTask;

    [Api]
    public void Nothing(Text text) => _ = model + text;

    [Api]
    public int Two(int a, ref int b) => a + b;
}

/// <summary>Everything at once.</summary>
[Service("no name", Workers = 0)]
[Resources(Cpu = "much", Memory = "500MB1", FallbackToCpu = true)]
[Traffic(TimeoutSeconds = -1, IdleSeconds = double.NaN, BodyLimit = "big", Concurrency = 0)]
public sealed class ManyMistakes(string model, int[] sizes)
{
    [Init]
    public static Task<Text> First(DateTime when) => Task.FromResult(new Text($"{when}"));

    [Init]
    public ManyMistakes Second() => new(model, sizes);

    [OnStartup]
    public ValueTask Start() => default;

    [OnReady]
    public int Ready(string how) => how.Length;

    [OnAlive]
    [Api]
    public bool Both(Text text) => text.Body.Length > 0;

    [Api]
    public void Nothing(Text text) => _ = text;

    [Api]
    public Task Nobody() => Task.CompletedTask;

    [Api]
    public ValueTask<int> Value() => default;

    [Api]
    public T Generic<T>(T it) => it;

    [Api]
    public int ByReference(ref int it) => it;

    [Api]
    public int OfStack(Span<int> it) => it.Length;

    [Api]
    public object Anything(object it) => it;

    [Api]
    public int Rooted([Root] int a, int b) => a + b;

    [Api]
    public int Messages(IAsyncEnumerable<int> messages) => messages is null ? 0 : 1;

    [Api]
    public Task<IAsyncEnumerable<int>> Wrapped() => throw new NotSupportedException();

    [Api(Job = true)]
    public IAsyncEnumerable<int> Work() => throw new NotSupportedException();

    [Api(Batched = true)]
    public int One(int row) => row;

    [Api(MaxBatch = 3)]
    public int Alone(int row) => row;

    [Api(Batched = true)]
    public int[] WrongContext(int[] rows, Context context) => context is null ? [] : rows;

    [Api("same")]
    public int Same(int a) => a;

    [Api("same")]
    public int Again(int a) => a;

    [Api(Route = "here")]
    public int BadRoute(int a) => a;

    [Api(Route = "/there")]
    public int OneRoute(int a) => a;

    [Api(Route = "/there/")]
    public int SameRoute(int a) => a;

    [Api]
    public int Unsupported(FileInfo file) => (int)file.Length;

    [Api]
    public int Checked([EmailAddress] string address, [Required] string? name, [Range(5, 1)] int age) =>
        address.Length + age + (name?.Length ?? 0);

    [Api]
    private int Hidden(int a) => a;
}

/// <summary>Has nothing to serve.</summary>
[Service]
public sealed class NoEndpoints;

/// <summary>Can be made in two ways.</summary>
[Service]
public sealed class TwoConstructors
{
    public TwoConstructors()
    {
    }

    public TwoConstructors(Setup setup) => Worker = setup.Worker;

    private int Worker { get; }

    [Api]
    public int Place() => Worker;
}

/// <summary>Is no service.</summary>
public sealed class Unmarked
{
    [Api]
    public int One() => 1;
}

/// <summary>Cannot be made.</summary>
[Service]
public sealed class Exploding
{
    public Exploding() => throw new FormatException("no model");

    [Api]
    public int One() => 1;
}

/// <summary>Has an attribute that cannot be read.</summary>
[Service]
public sealed class Unreadable
{
    [Api]
    public int One([Unreadable] string text) => text.Length;

    [AttributeUsage(AttributeTargets.Parameter)]
    private sealed class UnreadableAttribute : ValidationAttribute
    {
        public UnreadableAttribute() => throw new FormatException("no attribute");
    }
}

/// <summary>Is asked to stop while it starts.</summary>
[Service]
public sealed class GivenUp
{
    [Init]
    public static async Task<GivenUp> LoadAsync(Microsoft.Extensions.Hosting.IHostApplicationLifetime lifetime, CancellationToken cancellation)
    {
        lifetime.StopApplication();
        await Task.Delay(Timeout.Infinite, cancellation);
        return new();
    }

    [Api]
    public int One() => 1;
}

/// <summary>Stops when it has started, and then never ends.</summary>
[Service]
public sealed class Endless
{
    public Endless(Microsoft.Extensions.Hosting.IHostApplicationLifetime lifetime) => lifetime.ApplicationStarted.Register(lifetime.StopApplication);

    [OnShutdown]
    public Task StopAsync() => Task.Delay(Timeout.Infinite);

    [Api]
    public int One() => 1;
}

/// <summary>Nothing that its methods are warmed with is an input.</summary>
[Service]
public sealed class Cold
{
    private static int Number => 1;

    private static string Broken => throw new InvalidOperationException("no input");

    private static string[]? Unset => null;

    [Api(Warmup = "Nowhere")]
    public string Missing(string text) => text;

    [Api(Warmup = nameof(Number))]
    public string Other(string text) => text;

    [Api(Warmup = nameof(Number))]
    public string Several(string text, int times) => $"{text} {times}";

    [Api(Warmup = nameof(Number))]
    public int Nothing() => 1;

    [Api(Warmup = nameof(Number))]
    public IAsyncEnumerable<int> Items(int most) => AsyncEnumerable.Range(0, most);

    [Api(Warmup = nameof(Broken))]
    public string Raises(string text) => text;

    [Api(Warmup = nameof(Unset))]
    public string Null(string text) => text;
}

/// <summary>Nobody can make one, as of those below.</summary>
[Service]
public static class AllStatic
{
    [Api]
    public static int One() => 1;
}

[Service]
public abstract class Unfinished
{
    [Api]
    public int One() => 1;
}

[Service]
public sealed class OfAnything<T>
{
    [Api]
    public T Same(T it) => it;
}

public static class Around<T>
{
    [Service]
    public sealed class Within
    {
        [Api]
        public int One() => 1;
    }
}
