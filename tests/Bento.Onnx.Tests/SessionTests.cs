using Bento.OnnxRuntime.Tests.Models;
using Xunit;

namespace Bento.OnnxRuntime.Tests;

public sealed class SessionTests
{
    [Fact]
    public void Inputs_and_outputs_are_described_in_the_models_order()
    {
        using var session = InferenceSession.Load(TestModels.Arithmetic());

        Assert.Equal("left: Float[rows, 2]; right: Float[rows, 2]", string.Join("; ", session.Inputs));
        Assert.Equal("sum: Float[rows, 2]; difference: Float[rows, 2]", string.Join("; ", session.Outputs));
        Assert.Equal([new Dimension(-1, "rows"), new Dimension(2, null)], session.Inputs[0].Dimensions);
        Assert.True(session.Inputs[0].Dimensions[0].IsFree);
        Assert.False(session.Inputs[0].Dimensions[1].IsFree);
    }

    [Fact]
    public void A_free_dimension_may_have_no_name()
    {
        using var session = InferenceSession.Load(TestModels.Identity(TensorElementType.Int32, null, "batch", 3));

        Assert.Equal("x: Int32[?, batch, 3]", session.Inputs[0].ToString());
    }

    [Fact]
    public void What_is_no_tensor_is_described_by_its_kind()
    {
        using var session = InferenceSession.Load(TestModels.Rows());

        Assert.Equal(ValueKind.Sequence, session.Outputs[0].Kind);
        Assert.Equal(TensorElementType.Undefined, session.Outputs[0].ElementType);
        Assert.Equal("parts: Sequence", session.Outputs[0].ToString());
    }

    [Fact]
    public void A_model_is_loaded_from_a_file_whose_name_is_not_plain()
    {
        string folder = Directory.CreateTempSubdirectory("modèle 弁当 ").FullName;
        string path = Path.Combine(folder, "größe.onnx");
        File.WriteAllBytes(path, TestModels.Total());

        using (var session = InferenceSession.Load(path))
        {
            Assert.Equal("total", session.Outputs[0].Name);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        FileNotFoundException problem = Assert.Throws<FileNotFoundException>(
            () => InferenceSession.Load("no/such.onnx"));

        Assert.Equal("no/such.onnx", problem.FileName);
        Assert.Contains("no/such.onnx", problem.Message);
    }

    [Fact]
    public void Bytes_that_are_no_model_are_refused()
    {
        OrtException problem = Assert.Throws<OrtException>(() => InferenceSession.Load("no model"u8));

        Assert.Equal(OrtErrorCode.InvalidProtobuf, problem.Code);
        Assert.Throws<OrtException>(() => InferenceSession.Load([]));
    }

    [Fact]
    public void A_file_that_is_no_model_is_refused_by_its_name()
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, "no model");

        OrtException problem = Assert.Throws<OrtException>(() => InferenceSession.Load(path));

        Assert.Equal(OrtErrorCode.InvalidProtobuf, problem.Code);
        Assert.Contains(path, problem.Message);
        File.Delete(path);
    }

    [Fact]
    public void A_model_with_an_unknown_operator_is_refused()
    {
        byte[] model = OnnxWriter.Model(OnnxWriter.Graph(
            [OnnxWriter.Node("Imagine", ["x"], ["y"])],
            [OnnxWriter.Tensor("x", TensorElementType.Float, 1)],
            [OnnxWriter.Tensor("y", TensorElementType.Float, 1)]));

        Assert.Contains("Imagine", Assert.Throws<OrtException>(() => InferenceSession.Load(model)).Message);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(1, -1)]
    public void Fewer_than_no_threads_are_refused(int intraOp, int interOp)
    {
        var options = new SessionOptions { IntraOpThreads = intraOp, InterOpThreads = interOp };

        Assert.Throws<ArgumentOutOfRangeException>(() => InferenceSession.Load(TestModels.Total(), options));
    }

    [Fact]
    public void An_output_outlives_its_session()
    {
        var session = InferenceSession.Load(TestModels.Identity(TensorElementType.Float, "n"));
        using var input = OrtValue.Over(Enumerable.Range(0, 10_000).Select(i => (float)i).ToArray(), 10_000);
        using OrtOutputs outputs = session.Run("x", input);

        session.Dispose();

        Assert.Equal(9_999, outputs["y"].AsSpan<float>()[^1]);
    }
}
