using System.Diagnostics;
using Xunit;

namespace Bento.OnnxRuntime.Tests;

/// <summary>Runs one of <see cref="ChildScenarios"/> in a process of its own, with an empty home folder.</summary>
internal sealed class Child : IDisposable
{
    /// <summary>The variable that tells a scenario that it is in a process of its own.</summary>
    public const string Mark = "BENTO_ONNX_CHILD";

    private readonly ProcessStartInfo _start;

    public Child(string scenario)
    {
        string program = Environment.ProcessPath!;
        _start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            _start.ArgumentList.Add("exec");
            _start.ArgumentList.Add(typeof(Child).Assembly.Location);
        }

        string[] arguments = ["-explicit", "only", "-method", $"*.{nameof(ChildScenarios)}.{scenario}", "-noColor"];
        Array.ForEach(arguments, _start.ArgumentList.Add);

        Variables[Mark] = "1";
        Variables["HOME"] = Home;
        Variables["XDG_CACHE_HOME"] = Path.Combine(Home, "cache");
        // ONNX Runtime reports nothing where it finds itself in CI.
        Variables.Remove("CI");
        Variables.Remove("ORT_DISABLE_TELEMETRY");
        Variables.Remove(OrtLibrary.PathVariable);
    }

    public string Home { get; } = Directory.CreateTempSubdirectory("bento-onnx-home-").FullName;

    public IDictionary<string, string?> Variables => _start.Environment;

    /// <summary>Every file below the home folder.</summary>
    public string[] FilesAtHome => Directory.GetFiles(Home, "*", SearchOption.AllDirectories);

    /// <summary>
    /// Runs the scenario to its end, which must be a good one without a word on the error stream, and gives its output.
    /// </summary>
    public async Task<string> Succeed()
    {
        using Process process = Process.Start(_start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(5));
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
            Task<string> errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            Assert.True(process.ExitCode == 0, $"Exit code {process.ExitCode}.\n{await output}\n{await errors}");
            Assert.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0, Not Run: 0", await output);
            Assert.Equal("", await errors);
            return await output;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    public void Dispose() => Directory.Delete(Home, recursive: true);
}
