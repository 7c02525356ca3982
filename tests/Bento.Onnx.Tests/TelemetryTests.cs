using Xunit;

namespace Bento.OnnxRuntime.Tests;

public sealed class TelemetryTests
{
    [Fact]
    public async Task Nothing_is_written_at_home_and_nothing_said_when_a_model_runs()
    {
        using var child = new Child(nameof(ChildScenarios.Runs_a_model_that_is_warned_of));

        await child.Succeed();

        Assert.Empty(child.FilesAtHome);
    }

    [Fact]
    public async Task Something_would_be_written_at_home_if_the_library_were_left_to_itself()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only the library for Linux writes there.");
        using var child = new Child(nameof(ChildScenarios.Makes_an_environment_as_the_library_comes));

        // So that it cannot report, either.
        foreach (string variable in (string[])["https_proxy", "http_proxy", "all_proxy"])
        {
            child.Variables[variable] = "http://127.0.0.1:9";
        }

        await child.Succeed();

        Assert.NotEmpty(child.FilesAtHome);
    }
}
