using Xunit;

namespace Ocr.Tests;

public sealed class LineFinderTests
{
    [Fact]
    public void Connected_pixels_are_one_box_grown_by_its_area_over_its_rim()
    {
        // 20 by 10 pixels: 200 · 1.5 / 60 is 5 on each side.
        var boxes = LineFinder.Boxes(Map(60, 40, (20, 15, 20, 10, 0.9f)), 60, 40);
        Assert.Equal([new Box(15, 10, 30, 20)], boxes);
    }

    [Fact]
    public void Boxes_end_at_the_rim_of_the_map() =>
        Assert.Equal([new Box(0, 0, 25, 15)], LineFinder.Boxes(Map(60, 40, (0, 0, 20, 10, 0.9f)), 60, 40));

    [Fact]
    public void What_is_unsure_or_tiny_is_no_line() =>
        Assert.Empty(LineFinder.Boxes(Map(60, 40, (0, 0, 20, 10, 0.5f), (30, 20, 20, 2, 0.9f)), 60, 40));

    [Fact]
    public void Lines_are_read_from_the_top_and_from_the_left()
    {
        Box[] inOrder = [new(10, 0, 40, 20), new(5, 30, 40, 20), new(60, 27, 40, 24), new(5, 60, 90, 20)];
        Assert.Equal(inOrder, LineFinder.InReadingOrder(inOrder.Reverse()));
    }

    private static float[] Map(int width, int height, params (int Left, int Top, int Width, int Height, float Value)[] parts)
    {
        var map = new float[width * height];

        foreach (var part in parts)
        {
            for (var y = part.Top; y < part.Top + part.Height; y++)
            {
                Array.Fill(map, part.Value, (y * width) + part.Left, part.Width);
            }
        }

        return map;
    }
}
