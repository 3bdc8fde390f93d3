package org.lanegrad.model;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.lanegrad.check.Check;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;

/**
 * A network in a file of ONNX, as a {@link Graph}: its initializers are parameters, and products
 * with a bias and an activation become dense layers.
 *
 * <pre>{@code
 * OnnxFile file = OnnxFile.read(Path.of("network.onnx"));
 * Model model = Model.of(file.inputs().get(0), file.outputs().get(0));
 * }</pre>
 *
 * <p>A tensor is a matrix: its last dimension counts the columns, those before count the rows. A
 * first dimension without a number is the batch; an input has a row for each of its examples, of
 * all their elements. Weights that Gemm is to transpose are transposed once, and their parameter's
 * name says so.
 *
 * <p>What is read: Abs, Add, Cast to float, Celu, Clip, Concat of the last dimension, Constant,
 * Div, Dropout, Elu, Erf, Exp, Flatten, Gather of rows (by 0 and above), Gelu, Gemm, HardSigmoid,
 * HardSwish, Identity, LayerNormalization, LeakyRelu, Log, LogSoftmax, MatMul, Max, Min, Mish, Mul,
 * Neg, PRelu, RMSNormalization, Reciprocal, Relu, Reshape, Selu, Sigmoid, Softmax, Softplus,
 * Softsign, Sqrt, Sub, Swish, Tanh, ThresholdedRelu, Transpose of a constant. Anything else is
 * refused by the node's name and operator.
 *
 * <p>A file is mapped and read without trust: lengths are checked before anything is allocated, and
 * data outside of it are looked for in its folder only.
 *
 * <p><b>Source</b>: the ONNX specification, operators of versions 7 and later.
 */
public final class OnnxFile {
  private final Graph graph;
  private final List<Node> inputs;
  private final List<Node> outputs;

  OnnxFile(Graph graph, List<Node> inputs, List<Node> outputs) {
    this.graph = graph;
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
  }

  /**
   * Reads a file.
   *
   * @throws MalformedFileException if it is not what it says, or holds what is not read; the
   *     message names the place or the node, and the cause
   * @throws IOException if it can't be read
   */
  public static OnnxFile read(Path file) throws IOException {
    Check.notNull("file", file, "a Path");
    AtomicFile.checkFile(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() > Integer.MAX_VALUE) {
        throw new MalformedFileException(
            file, "it has " + channel.size() + " bytes, expected at most " + Integer.MAX_VALUE);
      }
      return of(file, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
    }
  }

  /** From the bytes of a file. */
  static OnnxFile of(Path file, ByteBuffer bytes) throws IOException {
    ByteBuffer little = bytes.order(ByteOrder.LITTLE_ENDIAN);
    Path folder = file.toAbsolutePath().normalize().getParent();
    return new OnnxImport(file, folder).read(new ProtoReader(file, little, 0, little.remaining()));
  }

  /** The graph. */
  public Graph graph() {
    return graph;
  }

  /** Its inputs, in the order of the file, without those that have initializers. */
  public List<Node> inputs() {
    return inputs;
  }

  /** Its outputs, in the order of the file. */
  public List<Node> outputs() {
    return outputs;
  }
}
