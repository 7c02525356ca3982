using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;

namespace Bento.CSharp;

/// <summary>
/// A service in this process for tests, on a free port of this machine. What is called goes the whole way that a
/// caller's request goes: limits, reading, checking, the method, writing.
/// </summary>
/// <typeparam name="TService">A class marked with <see cref="ServiceAttribute"/>.</typeparam>
public sealed class BentoTestHost<TService> : IAsyncDisposable
    where TService : class
{
    private readonly WebApplication _app;
    private readonly CallWriter _calls;

    internal BentoTestHost(WebApplication app)
    {
        _app = app;
        _calls = new CallWriter(DefinitionModule.require(BentoService.Of<TService>().Definition).Card);
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    /// <summary>Gets a client whose addresses begin at the service, as in <c>/summarize</c>.</summary>
    public HttpClient Client { get; }

    /// <summary>Calls a method of the service as a caller would, with the arguments of the call in the lambda.</summary>
    /// <typeparam name="TAnswer">What the method answers with.</typeparam>
    /// <param name="call">As in <c>service => service.SummarizeAsync("text", 3, default)</c>; what is filled in by the host is not sent.</param>
    /// <param name="cancellation">Gives the request up.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="BentoException">The service refused or failed; status and message are those of its answer.</exception>
    public Task<TAnswer> CallAsync<TAnswer>(Expression<Func<TService, Task<TAnswer>>> call, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        return SendAsync<TAnswer>(call, cancellation);
    }

    /// <summary>Calls a synchronous method of the service as a caller would.</summary>
    /// <typeparam name="TAnswer">What the method answers with.</typeparam>
    /// <param name="call">As in <c>service => service.Length("text")</c>.</param>
    /// <param name="cancellation">Gives the request up.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="BentoException">The service refused or failed; status and message are those of its answer.</exception>
    public Task<TAnswer> CallAsync<TAnswer>(Expression<Func<TService, TAnswer>> call, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        return SendAsync<TAnswer>(call, cancellation);
    }

    /// <summary>Calls an endpoint by its name, with an input that is written as the service writes it.</summary>
    /// <typeparam name="TAnswer">What the endpoint answers with, as the service has it.</typeparam>
    /// <param name="endpoint">The endpoint's name.</param>
    /// <param name="input">The body, such as <c>new { text = "…" }</c>; <see langword="null"/> for none.</param>
    /// <param name="cancellation">Gives the request up.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="BentoException">The service refused or failed; status and message are those of its answer.</exception>
    public async Task<TAnswer> CallAsync<TAnswer>(string endpoint, object? input, CancellationToken cancellation = default)
    {
        var card = _calls.Named(endpoint);
        var body = CallWriter.Translated(card, input);
        var answer = await Exchange.SendAsync(Client, card.Route, body, "application/json", cancellation).ConfigureAwait(false);
        return CallWriter.Read<TAnswer>(card, answer);
    }

    /// <summary>Reads the items of a stream as a caller would.</summary>
    /// <typeparam name="TItem">What the method yields.</typeparam>
    /// <param name="call">As in <c>service => service.GenerateAsync("text")</c>.</param>
    /// <param name="cancellation">Gives the request up.</param>
    /// <returns>The items, as they come.</returns>
    /// <exception cref="BentoException">The service refused; status and message are those of its answer.</exception>
    public IAsyncEnumerable<TItem> ItemsAsync<TItem>(
        Expression<Func<TService, IAsyncEnumerable<TItem>>> call, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(call);
        return ReadAsync<TItem>(call, cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<TAnswer> SendAsync<TAnswer>(LambdaExpression call, CancellationToken cancellation)
    {
        var (card, rows) = _calls.Written(call);

        async Task<byte[]> Send(byte[] body) =>
            await Exchange.SendAsync(Client, card.Route, body, "application/json", cancellation).ConfigureAwait(false);

        if (card.Batch is null)
        {
            return CallWriter.Read<TAnswer>(card, await Send(rows[0]).ConfigureAwait(false));
        }

        var answers = RowAnswers.Of(typeof(TAnswer));

        // Each row is a request of its own, as callers bring them, unless they bring several.
        return (TAnswer)(CallWriter.AreRowsApart(card)
            ? await answers.OfEachAsync(card, rows.Select(Send)).ConfigureAwait(false)
            : answers.OfAll(card, await Send(rows[0]).ConfigureAwait(false)));
    }

    private async IAsyncEnumerable<TItem> ReadAsync<TItem>(
        LambdaExpression call, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (card, rows) = _calls.Written(call);

        await foreach (var line in Exchange.LinesAsync(Client, card.Route, rows[0], cancellation).ConfigureAwait(false))
        {
            yield return CallWriter.Read<TItem>(card, line);
        }
    }
}
