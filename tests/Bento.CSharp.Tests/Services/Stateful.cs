using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Bento.CSharp.Tests.Services;

/// <summary>What an application holds.</summary>
public interface IGreeting
{
    public string Greet(string name);
}

public sealed class Hello : IGreeting
{
    public string Greet(string name) => $"Hello {name}";
}

/// <summary>What happened to services, in order.</summary>
public sealed class Diary
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyList<string> Lines => [.. _lines];

    public void Write(string line) => _lines.Enqueue(line);
}

/// <summary>Takes all that a constructor may take.</summary>
[Service(Workers = 2)]
public sealed class Greeter(
    IGreeting greeting, Setup setup, ILogger<Greeter> log, IServiceProvider services, CancellationToken cancellation, string punctuation = "!")
{
    [Api]
    public string Greet(string name) => greeting.Greet(name) + punctuation;

    [Api]
    public string Place()
    {
        log.LogInformation("asked");
        return $"{setup.Workers} {services.GetService(typeof(IGreeting)) == greeting} {cancellation.IsCancellationRequested} {setup.Gpu is null} {setup.Models.Count}";
    }
}

/// <summary>Has defaults for what nobody holds.</summary>
[Service]
public sealed class Modest(Tone? tone = Tone.Formal, int? pages = 2, DateTime day = default)
{
    [Api]
    public string Show() => $"{tone} {pages} {day.Year}";
}

/// <summary>Is made by a method that waits.</summary>
[Service]
public sealed class Slow : IAsyncDisposable
{
    private readonly Diary _diary;
    private readonly string _model;

    private Slow(Diary diary, string model)
    {
        _diary = diary;
        _model = model;
    }

    [Init]
    public static async Task<Slow> LoadAsync(Diary diary, CancellationToken cancellation)
    {
        await Task.Delay(1, cancellation);
        diary.Write("init");
        return new(diary, "model");
    }

    [OnDeployment]
    public static void Deploy() => Deployments++;

    public static int Deployments { get; private set; }

    [OnStartup]
    public async Task StartAsync()
    {
        await Task.Yield();
        _diary.Write("startup");
    }

    [OnShutdown]
    private void Stop() => _diary.Write("shutdown");

    [OnReady]
    private bool IsReady() => !_diary.Lines.Contains("unready");

    [OnAlive]
    private Task<bool> IsAliveAsync() => Task.FromResult(!_diary.Lines.Contains("dead"));

    [Api]
    public string Model() => _model;

    public ValueTask DisposeAsync()
    {
        _diary.Write("disposed");
        return default;
    }
}

/// <summary>Needs what nobody holds.</summary>
[Service]
public sealed class Needy(IGreeting greeting)
{
    [Api]
    public string Greet(string name) => greeting.Greet(name);
}
