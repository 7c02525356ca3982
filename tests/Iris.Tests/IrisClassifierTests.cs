using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using Bento.CSharp;
using Xunit;

namespace Iris.Tests;

public sealed class IrisClassifierTests
{
    private static readonly float[][] _one = [[5.1f, 3.5f, 1.4f, 0.2f]];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_flowers_but_a_few_are_told_by_their_species()
    {
        var flowers = (await File.ReadAllLinesAsync(Path.Combine(Sample(), "iris.csv"), Token))
            .Skip(1)
            .Select(line => line.Split(',').Select(text => float.Parse(text, CultureInfo.InvariantCulture)).ToArray())
            .ToArray();

        await using var host = await BentoTestHost.StartAsync<IrisClassifier>();
        using var answer = await host.Client.PostAsJsonAsync("/classify", new { input_series = flowers.Select(flower => flower[..4]) }, Token);
        var species = await answer.Content.ReadFromJsonAsync<long[]>(Token);

        Assert.Equal(150, species!.Length);
        Assert.InRange(flowers.Zip(species).Count(pair => pair.First[4] == pair.Second), 143, 150);
    }

    [Fact]
    public async Task No_row_is_answered_with_no_species()
    {
        await using var host = await BentoTestHost.StartAsync<IrisClassifier>();
        using var answer = await host.Client.PostAsJsonAsync("/classify", new { input_series = Array.Empty<float[]>() }, Token);
        Assert.Equal("[]", await answer.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task A_row_of_three_lengths_is_refused_and_says_what_is_wanted()
    {
        await using var host = await BentoTestHost.StartAsync<IrisClassifier>();
        using var answer = await host.Client.PostAsJsonAsync("/classify", new { input_series = new float[][] { [1, 2, 3] } }, Token);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("\"shape\"", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Either_spelling_of_the_field_is_read()
    {
        await using var host = await BentoTestHost.StartAsync<IrisClassifier>();

        foreach (var body in new object[] { new { input_series = _one }, new { inputSeries = _one } })
        {
            using var answer = await host.Client.PostAsJsonAsync("/classify", body, Token);
            Assert.Equal("[0]", await answer.Content.ReadAsStringAsync(Token));
        }
    }

    [Fact]
    public async Task The_model_is_what_its_script_trains()
    {
        var trained = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.onnx");

        try
        {
            var start = new ProcessStartInfo("dotnet", ["fsi", Path.Combine(Sample(), "train.fsx"), trained]) { RedirectStandardOutput = true };
            using var training = Process.Start(start)!;
            var said = await training.StandardOutput.ReadToEndAsync(Token);
            await training.WaitForExitAsync(Token);

            Assert.Equal(0, training.ExitCode);
            Assert.Matches(@"tested on 30: (0\.9\d\d|1\.000) right", said);
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(Sample(), "iris.onnx"), Token), await File.ReadAllBytesAsync(trained, Token));
        }
        finally
        {
            File.Delete(trained);
        }
    }

    private static string Sample([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "samples", "iris-csharp"));
}
