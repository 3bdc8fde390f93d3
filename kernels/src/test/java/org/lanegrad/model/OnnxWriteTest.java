package org.lanegrad.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.lanegrad.graph.Ops.add;
import static org.lanegrad.graph.Ops.broadcast;
import static org.lanegrad.graph.Ops.concat;
import static org.lanegrad.graph.Ops.dense;
import static org.lanegrad.graph.Ops.divide;
import static org.lanegrad.graph.Ops.dropout;
import static org.lanegrad.graph.Ops.layerNorm;
import static org.lanegrad.graph.Ops.logSoftmax;
import static org.lanegrad.graph.Ops.maximum;
import static org.lanegrad.graph.Ops.minimum;
import static org.lanegrad.graph.Ops.multiply;
import static org.lanegrad.graph.Ops.prelu;
import static org.lanegrad.graph.Ops.product;
import static org.lanegrad.graph.Ops.rmsNorm;
import static org.lanegrad.graph.Ops.scale;
import static org.lanegrad.graph.Ops.shift;
import static org.lanegrad.graph.Ops.softmax;
import static org.lanegrad.graph.Ops.subtract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Activation;
import org.lanegrad.activation.ExponentialLinear;
import org.lanegrad.activation.Gelu;
import org.lanegrad.activation.GeluTanh;
import org.lanegrad.activation.HardSwish;
import org.lanegrad.activation.Identity;
import org.lanegrad.activation.Mish;
import org.lanegrad.activation.PiecewiseLinear;
import org.lanegrad.activation.Relu;
import org.lanegrad.activation.Sigmoid;
import org.lanegrad.activation.Softplus;
import org.lanegrad.activation.Softsign;
import org.lanegrad.activation.Swish;
import org.lanegrad.activation.Tanh;
import org.lanegrad.elementwise.Absolute;
import org.lanegrad.elementwise.Affine;
import org.lanegrad.elementwise.Erf;
import org.lanegrad.elementwise.Expm1;
import org.lanegrad.elementwise.Exponential;
import org.lanegrad.elementwise.Logarithm;
import org.lanegrad.elementwise.Reciprocal;
import org.lanegrad.elementwise.Square;
import org.lanegrad.elementwise.SquareRoot;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Ops;
import org.lanegrad.graph.Session;

/** What is written to a file of ONNX and read back computes the same. */
class OnnxWriteTest {
  @TempDir private Path folder;
  private final Graph graph = new Graph();
  private final Node x = graph.input("x", 7);
  private final Matrix values = Initial.uniform(Matrix.zeros(5, 7), 2, 3);

  private Node w(int rows, int columns, long seed) {
    return graph.parameter("w" + seed, Initial.uniform(Matrix.zeros(rows, columns), 1, seed));
  }

  private Matrix readBack(Node y) throws IOException {
    Path file = folder.resolve("network.onnx");
    OnnxFile.write(file, y);
    OnnxFile read = OnnxFile.read(file);
    assertThat(read.inputs()).extracting(Node::name).containsExactly("x");
    assertThat(read.outputs()).extracting(Node::name).containsExactly(y.name());
    assertThat(read.outputs().get(0).shape()).isEqualTo(y.shape());
    return run(read.outputs().get(0), read.inputs().get(0));
  }

  private Matrix run(Node y, Node input) {
    Session session = y.graph().session(y).bind(input, values).run();
    Matrix found = session.value(y);
    Matrix copy = Matrix.zeros(found.rows(), found.columns());
    for (int i = 0; i < found.rows(); i++) {
      for (int j = 0; j < found.columns(); j++) {
        copy.set(i, j, found.get(i, j));
      }
    }
    return copy;
  }

  private void expectSameBits(Node y) throws IOException {
    Matrix back = readBack(y);
    assertThat(back.array()).as("%s", y).containsExactly(run(y, x).array());
  }

  static Stream<Activation> activations() {
    return Stream.of(
        new Absolute(),
        Affine.negation(),
        Affine.scale(2.5f),
        Affine.shift(-0.25f),
        new Erf(),
        new Exponential(),
        ExponentialLinear.elu(0.7f),
        ExponentialLinear.celu(0.7f),
        ExponentialLinear.selu(),
        new Gelu(),
        new GeluTanh(),
        new HardSwish(),
        new Identity(),
        new Logarithm(),
        PiecewiseLinear.clip(-0.5f, 1.25f),
        PiecewiseLinear.hardSigmoid(0.2f, 0.5f),
        PiecewiseLinear.hardTanh(),
        PiecewiseLinear.leakyRelu(0.1f),
        PiecewiseLinear.thresholdedRelu(0.3f),
        new Reciprocal(),
        new Relu(),
        new Sigmoid(),
        new Softplus(),
        new Softsign(),
        new Square(),
        new SquareRoot(),
        new Tanh());
  }

  @ParameterizedTest
  @MethodSource("activations")
  void anActivationAloneAndInALayerComesBackWithTheSameBits(Activation f) throws IOException {
    expectSameBits(Ops.activation(f, x));
    expectSameBits(dense(x, w(7, 4, 1), w(1, 4, 2), f));
  }

  /** Made of several operators there, which round in between. */
  @Test
  void swishAndMishComeBackWithinSomeRoundings() throws IOException {
    for (Activation f : new Activation[] {new Swish(1f), new Swish(1.7f), new Mish()}) {
      Node y = Ops.activation(f, x);
      Matrix expected = run(y, x);
      Matrix back = readBack(y);
      for (int i = 0; i < 35; i++) {
        float e = expected.array()[i];
        assertThat(Math.abs(back.array()[i] - e)).as("%s", f).isLessThanOrEqualTo(8 * Math.ulp(e));
      }
    }
  }

  @Test
  void everyOtherOpComesBackWithTheSameBits() throws IOException {
    Node layer = dense(x, w(7, 4, 1), w(1, 4, 2), new Relu());
    Node row = w(1, 4, 3);
    expectSameBits(softmax(layer));
    expectSameBits(logSoftmax(layer));
    expectSameBits(layerNorm(layer, row, w(1, 4, 4), 1e-3f));
    expectSameBits(rmsNorm(layer, row, 1e-3f));
    expectSameBits(prelu(layer, row));
    expectSameBits(prelu(layer, w(1, 1, 5)));
    expectSameBits(concat(layer, x));
    expectSameBits(product(x, w(7, 3, 6)));
    expectSameBits(product(x, false, w(3, 7, 7), true));
    for (Node b : new Node[] {Ops.square(layer), broadcast(row, layer.shape())}) {
      expectSameBits(add(layer, b));
      expectSameBits(subtract(layer, b));
      expectSameBits(multiply(layer, b));
      expectSameBits(divide(layer, b));
      expectSameBits(maximum(layer, b));
      expectSameBits(minimum(layer, b));
    }
    expectSameBits(Ops.scaleBy(graph.constant(2.5f), layer));
    expectSameBits(shift(1f, scale(3f, layer)));
    expectSameBits(Ops.reshape(x, x.shape()));
  }

  @Test
  void dropoutAndWhatFeedsItAreLeftOut() throws IOException {
    Node draws = graph.ints("draws", 1);
    Node layer = dense(x, w(7, 4, 1), w(1, 4, 2), new Tanh());
    Node y =
        dropout(
            dense(dropout(layer, 0.5f, draws), w(4, 3, 3), w(1, 3, 4), new Relu()), 0.1f, draws);
    Matrix back = readBack(y.named("y"));
    Node plain = dense(layer, graph.node("w3"), graph.node("w4"), new Relu());
    assertThat(back.array()).containsExactly(run(plain, x).array());
  }

  @Test
  void embeddingsComeBack() throws IOException {
    Graph words = new Graph();
    Node window = words.ints("words", 3);
    Node table = words.parameter("table", Initial.uniform(Matrix.zeros(11, 4), 1, 1));
    Node w = words.parameter("w", Initial.uniform(Matrix.zeros(12, 2), 1, 2));
    Node y = product(Ops.gather(table, window), w);
    Path file = folder.resolve("words.onnx");
    OnnxFile.write(file, y);
    OnnxFile read = OnnxFile.read(file);
    int[] some = {0, 10, 3, 4, 4, 1};
    float[] expected = words.session(y).bind(window, some).run().value(y).array().clone();
    Node back = read.outputs().get(0);
    Session session = read.graph().session(back).bind(read.inputs().get(0), some).run();
    for (int i = 0; i < 4; i++) {
      assertThat(session.value(back).get(i / 2, i % 2))
          .isEqualTo(words.session(y).bind(window, some).run().value(y).get(i / 2, i % 2));
    }
    assertThat(expected).isNotEmpty();
  }

  @Test
  void aModelOfTheFileAnswersAsOneOfTheGraph() throws IOException {
    Node y =
        softmax(
            dense(
                dense(x, w(7, 30, 1), w(1, 30, 2), new Gelu()),
                w(30, 5, 3),
                w(1, 5, 4),
                new Identity()));
    Path file = folder.resolve("model.onnx");
    OnnxFile.write(file, y);
    OnnxFile read = OnnxFile.read(file);
    Matrix expected = Matrix.zeros(5, 5);
    Matrix answers = Matrix.zeros(5, 5);
    Model.of(x, y).session(5).run(values, expected);
    Model.of(read.inputs().get(0), read.outputs().get(0)).session(5).run(values, answers);
    assertThat(answers.array()).containsExactly(expected.array());
    // parameters keep their names: a file can be trained on
    assertThat(read.graph().parameters().keySet()).containsExactly("w1", "w2", "w3", "w4");
    assertThat(read.graph().parameters().get("w1").array())
        .containsExactly(graph.parameters().get("w1").array());
  }

  @Test
  void whatOnnxDoesNotHaveIsRefusedByNameAndNothingIsWritten() throws IOException {
    Path file = folder.resolve("refused.onnx");
    Node expm1 = Ops.activation(new Expm1(), x).named("small");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OnnxFile.write(file, expm1))
        .withMessageContaining("small");
    Node masked = Ops.maskedSoftmax(x).named("attention");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OnnxFile.write(file, masked))
        .withMessageContaining("masked softmax")
        .withMessageContaining("attention");
    Node wide = Ops.softmax(broadcast(w(1, 7, 1), x.shape()).named("wide"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OnnxFile.write(file, wide))
        .withMessageContaining("wide");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OnnxFile.write(file, x))
        .withMessageContaining("not computed by an op");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OnnxFile.write(file))
        .withMessage("there are 0 outputs, expected 1 or more");
    assertThat(Files.exists(file)).isFalse();
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
  }
}
