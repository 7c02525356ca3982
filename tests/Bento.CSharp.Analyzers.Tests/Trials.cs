using Xunit;

namespace Bento.CSharp.Analyzers.Tests;

/// <summary>The table: each rule broken, beside what keeps it.</summary>
public static class Trials
{
    private const string Length = "[Api] public int Length(string text) => text.Length;";

    private static readonly Trial[] _state =
    [
        new("BENTO001", "[Service] public abstract class Subject { [Api] public int Length(string text) => text.Length; }", "[Service] public sealed class Subject { [Api] public int Length(string text) => text.Length; }"),
        new("BENTO001", "[Service] public static class Subject { [Api] public static int Length(string text) => text.Length; }", "[Service] public class Subject { [Api] public static int Length(string text) => text.Length; }"),
        new("BENTO001", "[Service] public class Subject<T> { [Api] public int Length(string text) => text.Length; }", "[Service] public class Subject { [Api] public int Length(string text) => text.Length; }"),
        new("BENTO001", "public class Outer<T> { [Service] public class Subject { [Api] public int Length(string text) => text.Length; } }", "public class Outer { } [Service] public class Subject { [Api] public int Length(string text) => text.Length; }"),
        Trial.OfMembers("BENTO001", $"private Subject() {{ }} {Length}", $"private Subject() {{ }} [Init] public static Subject Make() => new(); {Length}"),
        Trial.OfMembers("BENTO001", $"public Subject() {{ }} public Subject(Setup setup) {{ _ = setup; }} {Length}", $"public Subject(Setup setup) {{ _ = setup; }} {Length}"),
        Trial.OfMembers("BENTO002", $"public Subject(string path) {{ _ = path; }} {Length}", $"public Subject(string path = \"a\") {{ _ = path; }} {Length}"),
        Trial.OfMembers("BENTO002 BENTO002", $"public Subject(int[] sizes, Guid id) {{ _ = sizes; _ = id; }} {Length}", $"public Subject(ILogger<Subject> log, IDisposable other, CancellationToken token) {{ _ = log; _ = other; _ = token; }} {Length}"),
        Trial.OfMembers("BENTO002", $"[Init] public static Task<Subject> Make(string path) => Task.FromResult(new Subject()); {Length}", $"[Init] public static Task<Subject> Make(Setup setup, CancellationToken token) => Task.FromResult(new Subject()); {Length}"),
        Trial.OfMembers("BENTO003", $"[Init] public Subject Make() => new(); {Length}", $"[Init] public static Subject Make() => new(); {Length}"),
        Trial.OfMembers("BENTO003", $"[Init] public static Task Make() => Task.CompletedTask; {Length}", $"[Init] public static Task<Subject> Make() => Task.FromResult(new Subject()); {Length}"),
        Trial.OfMembers("BENTO003", $"[Init] public static Subject Make<T>() => new(); {Length}", $"[Init] public static Subject Make() => new(); {Length}"),
        Trial.OfMembers("BENTO003 BENTO003", $"[Init] public static Subject One() => new();\n[Init] public static Subject Two() => new(); {Length}", $"[Init] public static Subject One() => new(); public static Subject Two() => new(); {Length}"),
        Trial.OfMembers("BENTO004", $"[OnDeployment] public void Fetch() {{ }} {Length}", $"[OnDeployment] public static void Fetch() {{ }} {Length}"),
        Trial.OfMembers("BENTO004", $"[OnStartup] public void Warm(int times) {{ }} {Length}", $"[OnStartup] public async Task Warm() {{ await Task.Yield(); }} {Length}"),
        Trial.OfMembers("BENTO004", $"[OnShutdown] public int Stop() => 1; {Length}", $"[OnShutdown] public Task Stop() => Task.CompletedTask; {Length}"),
        Trial.OfMembers("BENTO004", $"[OnReady] public string Ready() => \"yes\"; {Length}", $"[OnReady] public bool Ready() => true; [OnAlive] public Task<bool> Alive() => Task.FromResult(true); {Length}"),
        Trial.OfMembers("BENTO004", $"[OnStartup] public void Warm<T>() {{ }} {Length}", $"[OnStartup] public void Warm() {{ }} {Length}"),
        Trial.OfMembers("BENTO004", $"[OnStartup]\n[OnShutdown] public void Both() {{ }} {Length}", $"[OnStartup] public void One() {{ }} [OnShutdown] public void Other() {{ }} {Length}"),
        Trial.OfMembers("BENTO004", $"[OnStartup] public async void Warm() {{ await Task.Yield(); }} {Length}", $"[OnStartup] public async Task Warm() {{ await Task.Yield(); }} {Length}") with { IsOnlyAtCompileTime = true },
        Trial.OfMembers("BENTO005", "public int Length(string text) => text.Length;", Length),
    ];

    private static readonly Trial[] _endpoints =
    [
        Trial.OfMembers("BENTO006", "[Api] internal int Length(string text) => text.Length;", Length),
        Trial.OfMembers("BENTO006", "[Api] public int Count<T>(string text) => text.Length;", Length),
        Trial.OfMembers("BENTO007", "[Api] public void Forget(string text) { }", Length),
        Trial.OfMembers("BENTO007", "[Api] public async void Forget(string text) { await Task.Yield(); }", "[Api] public async Task<int> Keep(string text) { await Task.Yield(); return 1; }"),
        Trial.OfMembers("BENTO007", "[Api] public Task Forget(string text) => Task.CompletedTask;", "[Api] public Task<int> Keep(string text) => Task.FromResult(1);"),
        Trial.OfMembers("BENTO007", "[Api] public Task<IAsyncEnumerable<int>> Many(int most) => throw new InvalidOperationException();", "[Api] public IAsyncEnumerable<int> Many(int most) => AsyncEnumerable.Empty<int>();"),
        Trial.OfMembers("BENTO008", "[Api] public ValueTask<int> Soon(int number) => new(number);", "[Api] public Task<int> Soon(int number) => Task.FromResult(number);"),
        Trial.OfMembers("BENTO008", "[Api] public ValueTask Soon(int number) => default;", "[Api] public Task<int> Soon(int number) => Task.FromResult(number); public ValueTask<int> Other(int number) => new(number);"),
        Trial.OfMembers("BENTO010", "[Api] public int Two(string text, Context one, Context other) => 1;", "[Api] public int One(string text, Context one) => 1;"),
        Trial.OfMembers("BENTO010", "[Api] public int Two(string text, CancellationToken one, CancellationToken other) => 1;", "[Api] public int One(string text, CancellationToken one) => 1;"),
        Trial.OfMembers("BENTO010", "[Api] public int Other(string text, Context<int> context) => 1;", "[Api] public int Own(string text, Context<Subject> context) => 1;"),
        Trial.OfMembers("BENTO010", "[Api] public int Alone(string text, BatchContext batch) => 1;", "[Api(Batched = true)] public int[] Together(string[] texts, BatchContext batch) => [];"),
        Trial.OfMembers("BENTO010", "[Api] public int Root([Root] string text, int other) => 1;", "[Api] public int Root([Root] string text) => 1;"),
        Trial.OfMembers("BENTO010", "[Api] public int Reference(in int number) => 1;", "[Api] public int Value(int number) => 1;"),
        Trial.OfMembers("BENTO010", "[Api] public int Listen(IAsyncEnumerable<int> numbers) => 1;", "[Api] public IAsyncEnumerable<int> Listen(IAsyncEnumerable<int> numbers) => numbers;"),
        Trial.OfMembers("BENTO010 BENTO010", "[Api] public IAsyncEnumerable<int> Listen(IAsyncEnumerable<int> numbers,\nIAsyncEnumerable<int> others) => numbers;", "[Api] public IAsyncEnumerable<int> Listen(Context context, IAsyncEnumerable<int> numbers) => numbers;"),
        Trial.OfMembers("BENTO011", "[Api(Batched = true)] public int[] Sum(int number) => [number];", "[Api(Batched = true)] public int[] Sum(int[] numbers) => numbers;"),
        Trial.OfMembers("BENTO011", "[Api(Batched = true)] public int Sum(int[] numbers) => 1;", "[Api(Batched = true)] public Task<BatchOutcome<int>[]> Sum(int[] numbers) => Task.FromResult(new BatchOutcome<int>[numbers.Length]);"),
        Trial.OfMembers("BENTO011", "[Api(Batched = true, Job = true)] public int[] Sum(int[] numbers) => numbers;", "[Api(Batched = true, MaxBatch = 8, MaxDelayMilliseconds = 0, InFlight = 1, Retry = false)] public int[] Sum(int[] numbers) => numbers;"),
        Trial.OfMembers("BENTO011", "[Api(BatchedRows = true)] public int[] Sum(int number) => [number];", "[Api(BatchedRows = true)] public int[] Sum(int[] numbers) => numbers;"),
        Trial.OfMembers("BENTO011", "[Api(Batched = true, BatchedRows = true)] public int[] Sum(int[] numbers) => numbers;", "[Api(BatchedRows = true, MaxBatch = 8)] public Task<BatchOutcome<int>[]> Sum(int[] numbers, BatchContext batch) => Task.FromResult(new BatchOutcome<int>[numbers.Length]);"),
        Trial.OfMembers("BENTO011", "[Api(BatchedRows = true, Job = true)] public int[] Sum(int[] numbers) => numbers;", "[Api(Job = true)] public int[] Sum(int[] numbers) => numbers;"),
        Trial.OfMembers("BENTO018", "[Api(Warmup = \"First\")] public int Length(string text) => text.Length;", "[Api(Warmup = nameof(First))] public int Length(string text) => text.Length; private const string First = \"a\";"),
        Trial.OfMembers("BENTO018", "[Api(Warmup = nameof(First))] public int Length(string text) => text.Length; public string First => \"a\";", "[Api(Warmup = nameof(First))] public int Length(string text) => text.Length; public static string First => \"a\";"),
        Trial.OfMembers("BENTO018", "[Api(Warmup = nameof(First))] public int Length(string text) => text.Length; public static int First() => 1;", "[Api(Warmup = nameof(First))] public int Length(string text) => text.Length; public static IEnumerable<string> First() => [\"a\", \"b\"];"),
        Trial.OfMembers("BENTO018", "[Api(Warmup = nameof(First))] public int Add(int one, int other) => one + other; public static int[] First => [1, 2];", "[Api(Warmup = nameof(First))] public int Add(int one, int other) => one + other; public static (int, int)[] First => [(1, 2)];"),
        Trial.OfMembers("BENTO018", "[Api(Warmup = nameof(First))] public int Now() => 1; public static int First => 1;", "[Api] public int Now() => 1; public static int First => 1;"),
        Trial.OfMembers("BENTO018", "[Api(Warmup = nameof(First))] public IAsyncEnumerable<int> Many(int most) => AsyncEnumerable.Empty<int>(); public static int First => 1;", "[Api] public IAsyncEnumerable<int> Many(int most) => AsyncEnumerable.Empty<int>(); public static int First => 1;"),
        Trial.OfMembers("BENTO018", "[Api(Batched = true, Warmup = nameof(First))] public int[] Sum(int[] rows) => rows; public static string First => \"a\";", "[Api(Batched = true, Warmup = nameof(First))] public int[] Sum(int[] rows) => rows; public static int[] First => [1, 2];"),
        Trial.OfMembers("BENTO018", "[Api(BatchedRows = true, Warmup = nameof(First))] public int[] Sum(int[] rows) => rows; public static int First => 1;", "[Api(BatchedRows = true, Warmup = nameof(First))] public int[] Sum(int[] rows) => rows; public static int[] First => [1, 2];"),
        Trial.OfMembers("BENTO011", "[Api(MaxBatch = 8)] public int[] Same(int[] numbers) => numbers;", "[Api] public int[] Same(int[] numbers) => numbers;"),
        Trial.OfMembers("BENTO012", "[Api(\"2nd\")] public int Second(string text) => 2;", "[Api(\"second\")] public int Second(string text) => 2;"),
        Trial.OfAttributes("BENTO012", "[Service(\"my service\")]", "[Service(\"my-service\")]"),
        Trial.OfMembers("BENTO013", "[Api] public int Same(string text) => 1;\n[Api] public Task<int> SameAsync(int number) => Task.FromResult(number);", "[Api] public int One(string text) => 1; [Api] public Task<int> OtherAsync(int number) => Task.FromResult(number);"),
        Trial.OfMembers("BENTO013", "[Api(Route = \"/v1/x\")] public int One(string text) => 1;\n[Api(Route = \"/V1/x/\")] public int Other(string text) => 1;", "[Api(Route = \"/v1/x\")] public int One(string text) => 1; [Api(Route = \"/v1/y\")] public int Other(string text) => 1;"),
        Trial.OfMembers("BENTO013", "[Api] public int One(string text) => 1;\n[Api(Route = \"/one\")] public int Other(string text) => 1;", "[Api(Route = \"/other\")] public int One(string text) => 1; [Api(Route = \"/one\")] public int Other(string text) => 1;"),
        Trial.OfMembers("BENTO016", "[Api(Route = \"v1/x\")] public int One(string text) => 1;", "[Api(Route = \"/v1/x\")] public int One(string text) => 1;"),
        Trial.OfMembers("BENTO016", "[Api(Route = \"/a/../b\")] public int One(string text) => 1;", "[Api(Route = \"/a/b.json\")] public int One(string text) => 1;"),
    ];

    private static readonly Trial[] _settings =
    [
        Trial.OfAttributes("BENTO014", "[Service, Resources(Memory = \"500MB1\")]", "[Service, Resources(Memory = \"500MB\")]"),
        Trial.OfAttributes("BENTO014", "[Service, Resources(Cpu = -1)]", "[Service, Resources(Cpu = 1)]"),
        Trial.OfAttributes("BENTO014", "[Service, Resources(Cpu = 0.0001)]", "[Service, Resources(Cpu = 0.5)]"),
        Trial.OfAttributes("BENTO014", "[Service, Resources(Cpu = \"many\")]", "[Service, Resources(Cpu = \"500m\")]"),
        Trial.OfAttributes("BENTO014", "[Service, Resources(Cpu = true)]", "[Service, Resources(Cpu = \"2\", Gpu = 1, FallbackToCpu = true)]"),
        Trial.OfAttributes("BENTO014", "[Service, Resources(Gpu = -1)]", "[Service, Resources(Gpu = 0)]"),
        Trial.OfAttributes("BENTO014", "[Service, Resources(FallbackToCpu = true)]", "[Service, Resources(FallbackToCpu = false)]"),
        Trial.OfAttributes("BENTO014 BENTO014", "[Service(Workers = 0,\nThreads = -2)]", "[Service(Workers = 2, Threads = 1)]"),
        Trial.OfAttributes("BENTO014 BENTO014 BENTO014", "[Service, Traffic(Concurrency = 0,\nQueue = -1,\nBodyLimit = \"1 MiB\")]", "[Service, Traffic(Concurrency = 1, Queue = 0, BodyLimit = \"1MiB\")]"),
        Trial.OfAttributes("BENTO015 BENTO015 BENTO015", "[Service, Traffic(TimeoutSeconds = 0,\nIdleSeconds = -1,\nHeartbeatSeconds = double.NaN)]", "[Service, Traffic(TimeoutSeconds = 0.5, IdleSeconds = 1, HeartbeatSeconds = 2)]"),
        Trial.OfMembers("BENTO014 BENTO015", "[Api(BodyLimit = \"0\",\nTimeoutSeconds = -3)] public int One(string text) => 1;", "[Api(BodyLimit = \"1Ki\", TimeoutSeconds = 3)] public int One(string text) => 1;"),
        Trial.OfMembers("BENTO014 BENTO014 BENTO015", "[Api(Batched = true, MaxBatch = 0,\nInFlight = 0,\nMaxDelayMilliseconds = -1)] public int[] Sum(int[] numbers) => numbers;", "[Api(Batched = true, MaxBatch = 1, InFlight = 1, MaxDelayMilliseconds = 0)] public int[] Sum(int[] numbers) => numbers;"),
    ];

    private static readonly Trial[] _types =
    [
        Trial.OfMembers("BENTO009", "[Api] public int Any(object value) => 1;", "[Api] public int Any(string value) => 1;"),
        Trial.OfMembers("BENTO009", "[Api] public object Any(string value) => value;", "[Api] public string Any(string value) => value;"),
        Trial.OfMembers("BENTO009", "[Api] public int Stack(ReadOnlySpan<int> numbers) => 1;", "[Api] public int Heap(int[] numbers) => 1;"),
        Trial.OfMembers("BENTO009", "[Api] public int Call(Func<int> call) => 1;", "[Api] public int Call(int? call) => 1;"),
        Trial.OfMembers("BENTO009", "[Api] public Type Name(string text) => typeof(string);", "[Api] public Uri Name(string text) => new(text);"),
        Trial.OfMembers("BENTO009", "[Api] public Dictionary<double, int> Map(string text) => [];", "[Api] public Dictionary<Guid, int[]> Map(string text) => [];"),
        Trial.OfMembers("BENTO009", "[Api] public int Deep(int[,,,] numbers) => 1;", "[Api] public int Deep(int[,,] numbers, byte[] bytes, List<(int, string)> pairs) => 1;"),
        Trial.OfMembers("BENTO009", "[Api] public int Sum(Tensor<decimal> numbers) => 1;", "[Api] public Tensor<Half> Sum(Tensor<Half> numbers) => numbers;"),
        Trial.OfMembers("BENTO009", "[Api] public int Days(FileAttributes attributes) => 1;", "[Api] public int Days(DayOfWeek day, IReadOnlySet<DayOfWeek> days) => 1;"),
        Trial.OfMembers("BENTO009", "[Api(Batched = true)] public Type[] Names(string[] names) => [];", "[Api(Batched = true)] public BatchOutcome<Text>[] Names(string[] names) => [];"),
        Trial.OfMembers("BENTO009", "[Api] public IAsyncEnumerable<Action> Listen(IAsyncEnumerable<Text> texts) => throw new InvalidOperationException();", "[Api] public IAsyncEnumerable<byte[]> Listen(IAsyncEnumerable<Text> texts) => throw new InvalidOperationException();"),
        Trial.OfInput("BENTO009", "public class Input { public Input? Next { get; set; } }", "public record Input(string? Next, DateOnly Day, TimeSpan Span);"),
        Trial.OfInput("BENTO009", "public record Input(Stack<int> Items);", "public record Input(IReadOnlyList<Inner> Items); public record Inner(float[,] Values);"),
        Trial.OfInput("BENTO009", "public class Input { public Input(string text) { _ = text; } }", "public class Input { public Input(string text) { Text = text; } public string Text { get; } }"),
        Trial.OfInput("BENTO009", "public class Input { public int Count => 1; }", "public class Input { public int Count { get; init; } }"),
        Trial.OfInput("BENTO009", "public class Input { public Input() { } public Input(int count) { Count = count; } public int Count { get; set; } }", "public class Input { public Input(int count) { Count = count; } public int Count { get; set; } }"),
        Trial.OfInput("BENTO009", "public class Input { public int Size { get; set; } public int size { get; set; } }", "public class Input { public int Size { get; set; } public int Sizes { get; set; } }"),
        Trial.OfMembers("BENTO009", "[Api] public IAsyncEnumerable<Image> Draw(int count) => AsyncEnumerable.Empty<Image>();", "[Api] public Image Draw(Image image, List<Bento.File> files) => image;"),
        Trial.OfMembers("BENTO009 BENTO009", "[Api] public IAsyncEnumerable<Image> Draw(IAsyncEnumerable<Bento.File> files) => AsyncEnumerable.Empty<Image>();", "[Api] public IAsyncEnumerable<byte[]> Draw(IAsyncEnumerable<string> files) => AsyncEnumerable.Empty<byte[]>();"),
        Trial.OfMembers("BENTO009", "[Api] public (Stream, int) Pair(int count) => (Stream.Null, count);", "[Api] public Stream Alone(int count) => Stream.Null;"),
        Trial.OfMembers("BENTO009", "[Api] public int Deep(Image[][] images) => 1;", "[Api] public int Flat(Image[] images, [ContentType(\"image/png\")] Image? other) => 1;"),
        Trial.OfMembers("BENTO009", "[Api] public int Deep([Root] Dictionary<string, Image> images) => 1;", "[Api] public int Alone([Root] Image image) => 1;"),
        Trial.OfInput("BENTO009", "public record Input(Inner Inner); public record Inner(Image Image);", "public record Input(Image Image, string Text);"),
        Trial.OfInput("BENTO009 BENTO009", "public record Input(Action Call, Type Kind);", "public record Input(Half Call, char Kind);"),
        new("BENTO009", "[Service] internal sealed class Subject { [Api] public int Read(Input input) => input.Number; }\ninternal record Input(int Number);", "[Service] internal sealed class Subject { [Api] public int Read(Input input) => input.Number; }\npublic record Input(int Number);"),
    ];

    /// <summary>Gets every case, by its number in the table.</summary>
    public static IReadOnlyList<Trial> All { get; } = [.. _state, .. _endpoints, .. _settings, .. _types];

    /// <summary>Gets the numbers with the rules and a line of the code, for the names of tests.</summary>
    public static TheoryData<int, string, string> Numbers
    {
        get
        {
            var data = new TheoryData<int, string, string>();

            for (var number = 0; number < All.Count; number++)
            {
                data.Add(number, All[number].Rules, All[number].Broken);
            }

            return data;
        }
    }
}
