using System.Reflection;
using Bento.Lowering;
using Microsoft.FSharp.Core;

namespace Bento.CSharp.Reading;

/// <summary>Reads methods into endpoints: what travels, how the answer comes, and what the attribute says.</summary>
/// <typeparam name="TService">What a worker's instance is.</typeparam>
internal sealed class EndpointReader<TService>(ServiceFront<TService> front)
{
    private readonly WarmupReader<TService> _warmups = new(front);

    /// <summary>Reads one method, called on the worker's instance or else on a target, into its plan; none where it is broken.</summary>
    public MethodPlan? Read(MethodInfo method, object? target, string name, ApiAttribute api)
    {
        var part = target is null ? CSharpNames.Of(method) : $"\"{name}\"";
        var mistakes = new List<string>();

        if (target is null && !method.IsPublic)
        {
            mistakes.Add("is [Api] and not public; make it public");
        }

        if (method.IsGenericMethodDefinition)
        {
            mistakes.Add("is [Api] and generic, and no caller gives it a type; take the type parameters away");
        }

        mistakes.AddRange(FilledInMistakes(method, api));
        var inputs = method.GetParameters().Where(parameter => !MethodPlan.IsFilledIn(parameter, typeof(TService))).ToArray();
        var returned = Returned.Of(method.ReturnType);
        mistakes.AddRange(InputMistakes(inputs, returned));
        mistakes.AddRange(ShapeMistakes(inputs, returned, api));

        if (returned.Mistake is { } mistake)
        {
            mistakes.Add(mistake);
        }

        EndpointSettings.Read(part, name, api, front);

        if (mistakes.Count > 0)
        {
            mistakes.ForEach(one => front.BrokenEndpoint(part, one, api.Line));
            return null;
        }

        var plan = Plan(method, target, inputs, returned, api);
        Add(new Place(plan, part, name, api.Line) { AreRowsSeveral = api.BatchedRows }, api, returned);
        _warmups.Read(plan, part, name, api);
        return plan;
    }

    private static bool IsItems(ParameterInfo parameter) =>
        parameter.ParameterType.IsGenericType && parameter.ParameterType.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>);

    // Mistakes ------------------------------------------------------------------------------------------------------

    private static IEnumerable<string> FilledInMistakes(MethodInfo method, ApiAttribute api)
    {
        var types = method.GetParameters().Select(parameter => parameter.ParameterType).ToArray();

        if (types.Count(type => type == typeof(CancellationToken)) > 1)
        {
            yield return "takes two CancellationTokens; keep one";
        }

        if (types.Count(MethodPlan.IsContext) > 1)
        {
            yield return "takes two contexts; keep one";
        }

        foreach (var context in types.Where(MethodPlan.IsContext))
        {
            var wanted = api.IsBatched ? typeof(BatchContext) : typeof(Context);

            if (context != wanted && context != (api.IsBatched ? typeof(BatchContext<TService>) : typeof(Context<TService>)))
            {
                yield return $"takes a {CSharpNames.Of(context)}; {(api.IsBatched ? "a batched method" : "a method that is not batched")} takes a {CSharpNames.Of(wanted)}";
            }
        }
    }

    private static IEnumerable<string> InputMistakes(ParameterInfo[] inputs, Returned returned)
    {
        foreach (var input in inputs)
        {
            if (input.ParameterType.IsByRef)
            {
                yield return $"takes `{input.Name}` by reference; take it by value";
            }
            else if (input.ParameterType.IsByRefLike || input.ParameterType.IsPointer)
            {
                yield return $"takes `{input.Name}`, a {CSharpNames.Of(input.ParameterType)}, which lives on the stack and cannot travel; take an array";
            }
            else if (input.ParameterType == typeof(object))
            {
                yield return $"takes `{input.Name}`, an object, of which nobody knows the fields; take a type that has some";
            }

            if (input.IsDefined(typeof(RootAttribute), true) && inputs.Length > 1)
            {
                yield return $"has [Root] on `{input.Name}` beside other parameters; it is for a parameter that is the only one";
            }

            if (IsItems(input) && returned.Kind != AnswerKind.Items)
            {
                yield return $"takes `{input.Name}`, the messages of a socket, and does not return IAsyncEnumerable<T>; return the messages that it answers with";
            }
            else if (IsItems(input) && inputs.Length > 1)
            {
                yield return $"takes `{input.Name}`, the messages of a socket, beside other parameters; a socket takes its messages only";
            }
        }
    }

    private static IEnumerable<string> ShapeMistakes(ParameterInfo[] inputs, Returned returned, ApiAttribute api)
    {
        var batched = api.BatchedRows ? nameof(api.BatchedRows) : nameof(api.Batched);

        if (api.Job && api.IsBatched)
        {
            yield return $"is Job and {batched}; keep one of them";
        }
        else if (api.Job && returned.Kind == AnswerKind.Items)
        {
            yield return "is a Job and returns IAsyncEnumerable<T>; a job returns its result, data or Task<T>";
        }

        if (api.Batched && api.BatchedRows)
        {
            yield return "is Batched and BatchedRows; keep the first where a request brings one row, the second where it brings several";
        }

        if (api.IsBatched && (inputs is not [{ ParameterType.IsSZArray: true }] || returned.Kind == AnswerKind.Items || !returned.Type.IsSZArray))
        {
            var brought = api.BatchedRows ? "some elements" : "an element";
            yield return $"is {batched}, and so takes one array, of which each request brings {brought}, and returns an array of as many answers, or a task of it";
        }

        if (!api.IsBatched)
        {
            var words = new (string Word, bool IsGiven)[]
            {
                (nameof(api.MaxBatch), api.MaxBatchOrNull is not null),
                (nameof(api.MaxDelayMilliseconds), api.MaxDelayOrNull is not null),
                (nameof(api.InFlight), api.InFlightOrNull is not null),
                (nameof(api.Retry), api.RetryOrNull is not null),
            };

            foreach (var (word, _) in words.Where(word => word.IsGiven))
            {
                yield return $"has {word}, which is about batches; give Batched = true too, or take it away";
            }
        }
    }

    // Endpoints -----------------------------------------------------------------------------------------------------

    private static MethodPlan Plan(MethodInfo method, object? target, ParameterInfo[] inputs, Returned returned, ApiAttribute api)
    {
        var plan = new MethodPlan(method, target, inputs) { AnswersAtOnce = !api.Job && returned.Kind != AnswerKind.Items };

        return inputs switch
        {
            [] => plan with { Input = typeof(Unit) },
            [{ ParameterType: var rows }] when api.BatchedRows => plan with { Input = rows },
            [{ ParameterType: var rows }] when api.Batched => plan with { Input = rows.GetElementType()! },
            [var messages] when IsItems(messages) => plan with { Input = messages.ParameterType.GetGenericArguments()[0] },
            [var one] when MethodPlan.IsItself(one) => plan with { Input = one.ParameterType },
            _ => plan with { AreFields = true },
        };
    }

    private void Add(Place place, ApiAttribute api, Returned returned)
    {
        if (api.IsBatched)
        {
            AddBatched(place, returned);
            return;
        }

        var adding = returned.Kind switch
        {
            AnswerKind.Plain => api.Job ? nameof(AddPlainJob) : nameof(AddPlain),
            AnswerKind.Task => api.Job ? nameof(AddJob) : nameof(AddTask),
            _ => place.Plan.Inputs.Any(IsItems) ? nameof(AddSocket) : nameof(AddStream),
        };

        Generic(adding, place.Plan.Input, returned.Type)(place);
    }

    private void AddBatched(Place place, Returned returned)
    {
        var isTask = returned.Kind == AnswerKind.Task;
        var row = place.AreRowsSeveral ? place.Plan.Input.GetElementType()! : place.Plan.Input;
        var result = returned.Type.GetElementType()!;
        var isOutcome = result.IsGenericType && result.GetGenericTypeDefinition() == typeof(BatchOutcome<>);

        // A caller of several rows is sent an array, a caller of one what is in it.
        var depth = (isTask ? 1 : 0) + (place.AreRowsSeveral ? 0 : isOutcome ? 2 : 1);

        if (isOutcome)
        {
            Generic(isTask ? nameof(AddOutcomesTask) : nameof(AddOutcomes), row, result.GetGenericArguments()[0])(place with { Depth = depth });
        }
        else
        {
            Generic(isTask ? nameof(AddBatchedTask) : nameof(AddBatchedPlain), row, result)(place with { Depth = depth });
        }
    }

    /// <summary>One call at the endpoint's own types, when the service is described.</summary>
    private Action<Place> Generic(string adding, params Type[] types) =>
        GetType()
            .GetMethod(adding, BindingFlags.Instance | BindingFlags.NonPublic)!
            .MakeGenericMethod(types)
            .CreateDelegate<Action<Place>>(this);

    private void AddPlain<TIn, TOut>(Place place) =>
        front.Api(place.Name, place.Line, place.Part, place.Described(0), place.Handler<Func<Context<TService>, TIn, TOut>>());

    private void AddTask<TIn, TOut>(Place place) =>
        front.ApiAsync(place.Name, place.Line, place.Part, place.Described(1), place.Handler<Func<Context<TService>, TIn, Task<TOut>>>());

    private void AddPlainJob<TIn, TOut>(Place place)
    {
        var run = place.Handler<Func<Context<TService>, TIn, TOut>>();
        front.Job<TIn, TOut>(place.Name, place.Line, place.Part, place.Described(0), (context, input) => Task.Run(() => run(context, input)));
    }

    private void AddJob<TIn, TOut>(Place place) =>
        front.Job(place.Name, place.Line, place.Part, place.Described(1), place.Handler<Func<Context<TService>, TIn, Task<TOut>>>());

    private void AddStream<TIn, TOut>(Place place) =>
        front.Stream(place.Name, place.Line, place.Part, place.Described(1), place.Handler<Func<Context<TService>, TIn, IAsyncEnumerable<TOut>>>());

    private void AddSocket<TIn, TOut>(Place place) =>
        front.Socket(
            place.Name,
            place.Line,
            place.Part,
            place.Described(1),
            place.Handler<Func<Context<TService>, IAsyncEnumerable<TIn>, IAsyncEnumerable<TOut>>>());

    private void AddBatchedPlain<TIn, TOut>(Place place) =>
        AddRows(place, new BatchFunction<TService, TIn, TOut>(place.Handler<Func<BatchContext<TService>, TIn[], TOut[]>>()));

    private void AddBatchedTask<TIn, TOut>(Place place) =>
        AddRows(place, new BatchFunction<TService, TIn, TOut>(place.Handler<Func<BatchContext<TService>, TIn[], Task<TOut[]>>>()));

    private void AddOutcomes<TIn, TOut>(Place place) =>
        AddOutcomeRows(place, new BatchFunction<TService, TIn, BatchOutcome<TOut>>(
            place.Handler<Func<BatchContext<TService>, TIn[], BatchOutcome<TOut>[]>>()));

    private void AddOutcomesTask<TIn, TOut>(Place place) =>
        AddOutcomeRows(place, new BatchFunction<TService, TIn, BatchOutcome<TOut>>(
            place.Handler<Func<BatchContext<TService>, TIn[], Task<BatchOutcome<TOut>[]>>>()));

    private void AddRows<TIn, TOut>(Place place, BatchFunction<TService, TIn, TOut> handler)
    {
        if (place.AreRowsSeveral)
        {
            front.BatchedRows(place.Name, place.Line, place.Part, place.Described(place.Depth), handler);
        }
        else
        {
            front.Batched(place.Name, place.Line, place.Part, place.Described(place.Depth), handler);
        }
    }

    private void AddOutcomeRows<TIn, TOut>(Place place, BatchFunction<TService, TIn, BatchOutcome<TOut>> handler)
    {
        Func<BatchOutcome<TOut>, TOut> read = static outcome => outcome.Answer;

        if (place.AreRowsSeveral)
        {
            front.BatchedRows(place.Name, place.Line, place.Part, place.Described(place.Depth), handler, read);
        }
        else
        {
            front.Batched(place.Name, place.Line, place.Part, place.Described(place.Depth), handler, read);
        }
    }

    /// <summary>An endpoint in the making.</summary>
    private sealed record Place(MethodPlan Plan, string Part, string Name, int Line)
    {
        /// <summary>Gets a value indicating whether a request of a batched method brings several rows.</summary>
        public bool AreRowsSeveral { get; init; }

        /// <summary>Gets how deep the type that travels lies in what a batched method returns.</summary>
        public int Depth { get; init; }

        public EndpointMethod Described(int depth) => Plan.Described(depth);

        public T Handler<T>()
            where T : Delegate => HandlerCompiler.Handler<T>(Plan);
    }
}
