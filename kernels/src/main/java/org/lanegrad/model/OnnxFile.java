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
import org.lanegrad.graph.Shape;

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

  /**
   * Writes what some nodes compute, with the parameters as they are: a file that {@link #read} and
   * other runtimes load. It is written beside its place and moved there.
   *
   * <p>What is written: dense layers, products, the gates of two inputs, activations (not expm1 and
   * log1p), PReLU, softmax and its logarithm, layer and RMS normalization, sums, means (not over
   * the batch) and maxima, columns, concatenation, reshaping, embeddings (no padding by −1).
   * {@linkplain org.lanegrad.graph.Ops#dropout Dropout} is left out. An input or output has a row
   * for each example; ints are of 32 bits. Operators are of version 17, of 20 where there is a
   * GELU, of 23 with an RMS normalization.
   *
   * @throws IllegalArgumentException if there is no output, they are of different graphs, or a node
   *     has no operator in ONNX; nothing is written then
   * @throws IOException if it can't be written
   */
  public static void write(Path file, Node... outputs) throws IOException {
    Check.notNull("file", file, "a Path");
    Check.notNull("outputs", outputs, "nodes");
    if (outputs.length == 0) {
      throw new IllegalArgumentException("there are 0 outputs, expected 1 or more");
    }
    for (Node output : outputs) {
      Check.notNull("output", output, "a Node");
      if (output.graph() != outputs[0].graph()) {
        throw new IllegalArgumentException(output + " is of another graph than " + outputs[0]);
      }
      if (output.op() == null || output.shape().kind() != Shape.Kind.FLOATS) {
        throw new IllegalArgumentException(
            "the output " + output + " is not computed by an op, expected one of numbers");
      }
    }
    ProtoWriter model = new OnnxExport(List.of(outputs)).run();
    if (model.size() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "the file would have " + model.size() + " bytes, expected at most " + Integer.MAX_VALUE);
    }
    AtomicFile.write(file, model::writeTo);
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
