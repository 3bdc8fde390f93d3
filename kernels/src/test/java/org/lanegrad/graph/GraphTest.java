package org.lanegrad.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;
import static org.lanegrad.graph.Ops.add;
import static org.lanegrad.graph.Ops.columns;
import static org.lanegrad.graph.Ops.concat;
import static org.lanegrad.graph.Ops.crossEntropy;
import static org.lanegrad.graph.Ops.dense;
import static org.lanegrad.graph.Ops.dot;
import static org.lanegrad.graph.Ops.embeddingWindow;
import static org.lanegrad.graph.Ops.exp;
import static org.lanegrad.graph.Ops.max;
import static org.lanegrad.graph.Ops.maximum;
import static org.lanegrad.graph.Ops.mean;
import static org.lanegrad.graph.Ops.multiply;
import static org.lanegrad.graph.Ops.negate;
import static org.lanegrad.graph.Ops.power;
import static org.lanegrad.graph.Ops.product;
import static org.lanegrad.graph.Ops.reciprocal;
import static org.lanegrad.graph.Ops.relu;
import static org.lanegrad.graph.Ops.reshape;
import static org.lanegrad.graph.Ops.scale;
import static org.lanegrad.graph.Ops.shift;
import static org.lanegrad.graph.Ops.sigmoid;
import static org.lanegrad.graph.Ops.square;
import static org.lanegrad.graph.Ops.subtract;
import static org.lanegrad.graph.Ops.sum;
import static org.lanegrad.graph.Ops.tanh;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Activation;
import org.lanegrad.activation.Gelu;
import org.lanegrad.activation.HardSwish;
import org.lanegrad.activation.Identity;
import org.lanegrad.activation.Relu;
import org.lanegrad.activation.Sigmoid;
import org.lanegrad.activation.Tanh;
import org.lanegrad.dense.Dense;
import org.lanegrad.dense.DenseBackward;
import org.lanegrad.dense.DenseGradients;
import org.lanegrad.dense.DenseTape;
import org.lanegrad.matmul.Workspace;
import org.lanegrad.optimizer.Sgd;
import org.lanegrad.reduction.Reductions;

class GraphTest {
  private static final Offset<Float> CLOSE = within(1e-6f);
  private static final Offset<Float> TWO_DIGITS = within(0.005f);

  private final Graph graph = new Graph();

  private Node number(String name) {
    return graph.input(name, 1, 1);
  }

  private static float[] values(Session session, Node node) {
    Matrix value = session.value(node);
    float[] elements = new float[value.rows() * value.columns()];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = value.get(i / value.columns(), i % value.columns());
    }
    return elements;
  }

  private static float[] random(int length, long seed) {
    Random random = new Random(seed);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return values;
  }

  @Test
  void sumTimesZ() {
    Node x = number("x");
    Node y = number("y");
    Node z = number("z");
    Node f = multiply(add(x, y).named("q"), z).named("f");
    List<Node> gradients = graph.gradient(f, x, y, z);
    Session session = graph.session(f, gradients);
    session.feed(x, -2).feed(y, 5).feed(z, -4).run();
    assertThat(session.number(f)).isEqualTo(-12);
    assertThat(gradients.stream().map(session::number)).containsExactly(-4f, -4f, 3f);
  }

  @Test
  void sumTimesMaximumAndItsNudges() {
    Node x = number("x");
    Node y = number("y");
    Node z = number("z");
    Node f = multiply(add(x, y), maximum(y, z));
    List<Node> gradients = graph.gradient(f, x, y, z);
    Session session = graph.session(f, gradients);
    session.feed(x, 1).feed(y, 2).feed(z, 0).run();
    assertThat(session.number(f)).isEqualTo(6);
    assertThat(gradients.stream().map(session::number)).containsExactly(2f, 5f, 0f);
    assertThat(session.feed(x, 1.1f).run().number(f)).isCloseTo(6.2f, CLOSE);
    assertThat(session.feed(x, 1).feed(y, 2.1f).run().number(f)).isCloseTo(6.51f, CLOSE);
  }

  @Test
  void aSigmoidNeuronGateByGateAndAsOneNode() {
    Node w0 = number("w0");
    Node x0 = number("x0");
    Node w1 = number("w1");
    Node x1 = number("x1");
    Node w2 = number("w2");
    Node[] inputs = {w0, x0, w1, x1, w2};
    Node s = add(add(multiply(w0, x0), multiply(w1, x1)), w2);
    Node minus = negate(s);
    Node e = exp(minus);
    Node denominator = shift(1f, e);
    Node f = reciprocal(denominator);
    Node collapsed = sigmoid(s);
    List<Node> inner = graph.gradient(f, denominator, e, minus);
    List<Node> gateByGate = graph.gradient(f, inputs);
    List<Node> atOnce = graph.gradient(collapsed, inputs);
    List<Node> outputs = new java.util.ArrayList<>(List.of(collapsed));
    outputs.addAll(inner);
    outputs.addAll(gateByGate);
    outputs.addAll(atOnce);
    Session session = graph.session(f, outputs);
    session.feed(w0, 2).feed(x0, -1).feed(w1, -3).feed(x1, -2).feed(w2, -3).run();
    assertThat(session.number(f)).isCloseTo(0.73f, TWO_DIGITS);
    assertThat(session.number(collapsed)).isCloseTo(session.number(f), CLOSE);
    float[] expectedInner = {-0.53f, -0.53f, -0.20f};
    float[] expected = {-0.20f, 0.39f, -0.39f, -0.59f, 0.20f};
    for (int i = 0; i < 3; i++) {
      assertThat(session.number(inner.get(i))).isCloseTo(expectedInner[i], TWO_DIGITS);
    }
    for (int i = 0; i < 5; i++) {
      assertThat(session.number(gateByGate.get(i))).isCloseTo(expected[i], TWO_DIGITS);
      assertThat(session.number(atOnce.get(i))).isCloseTo(session.number(gateByGate.get(i)), CLOSE);
    }
  }

  @Test
  void aCubeAndItsFirstThreeDerivatives() {
    Node x = number("x");
    Node y = power(x, 3);
    Node first = graph.gradient(y, x).get(0);
    Node second = graph.gradient(first, x).get(0);
    Node third = graph.gradient(second, x).get(0);
    Session session = graph.session(y, List.of(first, second, third));
    for (float at : new float[] {1.01f, 4.01f, -2f}) {
      session.feed(x, at).run();
      assertThat(session.number(y)).isCloseTo(at * at * at, within(1e-5f));
      assertThat(session.number(first)).isCloseTo(3 * at * at, within(1e-5f));
      assertThat(session.number(second)).isCloseTo(6 * at, within(1e-5f));
      assertThat(session.number(third)).isCloseTo(6f, within(1e-5f));
    }
  }

  @Test
  void powersBelowAndAtZero() {
    Node x = number("x");
    Node inverse = power(x, -2);
    Node one = power(x, 0);
    List<Node> gradients =
        List.of(graph.gradient(inverse, x).get(0), graph.gradient(one, x).get(0));
    Session session = graph.session(inverse, List.of(one, gradients.get(0), gradients.get(1)));
    session.feed(x, -0.5f).run();
    assertThat(session.number(inverse)).isEqualTo(4);
    assertThat(session.number(one)).isEqualTo(1);
    assertThat(session.number(gradients.get(0))).isEqualTo(16);
    assertThat(session.number(gradients.get(1))).isZero();
  }

  /** s = uᵀ·f(W·x + b) over the window of words: the gradients that the lecture derives by hand. */
  @Test
  void theWindowClassifierOfTheLectures() {
    int d = 2;
    Node table = graph.parameter("E", Matrix.of(random(5 * d, 1), 5, d));
    Node words = graph.ints("words", 3);
    Node w = graph.parameter("W", Matrix.of(random(3 * d * 4, 2), 3 * d, 4));
    Node b = graph.parameter("b", Matrix.of(random(4, 3), 1, 4));
    Node u = graph.parameter("u", Matrix.of(random(4, 4), 4, 1));
    Node x = embeddingWindow(table, words);
    Node a = dense(x, w, b, new Sigmoid());
    Node s = sum(product(a, u), Over.ALL);
    List<Node> gradients = graph.gradient(s, u, w, b, x, table);
    List<Node> outputs = new java.util.ArrayList<>(List.of(a, x));
    outputs.addAll(gradients);
    Session session = graph.session(s, outputs);
    session.bind(words, new int[] {3, 0, 3}).run();
    float[] values = values(session, a);
    float[] input = values(session, x);
    assertThat(values(session, gradients.get(0))).as("∂s/∂u = a").isEqualTo(values);
    float[] delta = new float[4];
    for (int j = 0; j < 4; j++) {
      delta[j] = u.value().get(j, 0) * values[j] * (1 - values[j]);
      assertThat(values(session, gradients.get(2))[j]).as("∂s/∂b = δ").isCloseTo(delta[j], CLOSE);
    }
    float[] dx = new float[3 * d];
    for (int i = 0; i < 3 * d; i++) {
      for (int j = 0; j < 4; j++) {
        assertThat(session.value(gradients.get(1)).get(i, j))
            .as("∂s/∂W = x·δᵀ")
            .isCloseTo(input[i] * delta[j], CLOSE);
        dx[i] += w.value().get(i, j) * delta[j];
      }
      assertThat(values(session, gradients.get(3))[i]).as("∂s/∂x = W·δ").isCloseTo(dx[i], CLOSE);
    }
    for (int k = 0; k < d; k++) {
      assertThat(session.value(gradients.get(4)).get(3, k))
          .as("word 3 stands there twice")
          .isCloseTo(dx[k] + dx[2 * d + k], CLOSE);
      assertThat(session.value(gradients.get(4)).get(1, k)).isZero();
    }
  }

  /** The README's network, on clusters around ten points. */
  @Test
  void theTwoLayerNetworkOfTheReadmeLearns() {
    int batch = 200;
    float[] centres = random(10 * 64, 1);
    float[] noise = random(batch * 64, 2);
    int[] classes = new int[batch];
    float[] pixels = new float[batch * 64];
    for (int i = 0; i < pixels.length; i++) {
      classes[i / 64] = i / 64 % 10;
      pixels[i] = 2 * centres[i / 64 % 10 * 64 + i % 64] + noise[i];
    }
    Matrix images = Matrix.of(pixels, batch, 64);
    float[] weights1 = random(64 * 32, 3);
    float[] weights2 = random(32 * 10, 4);
    Node x = graph.input("x", 64);
    Node labels = graph.ints("labels", 1);
    Node w1 = graph.parameter("w1", Matrix.of(weights1, 64, 32));
    Node b1 = graph.parameter("b1", Matrix.zeros(1, 32));
    Node w2 = graph.parameter("w2", Matrix.of(weights2, 32, 10));
    Node b2 = graph.parameter("b2", Matrix.zeros(1, 10));
    Node[] parameters = {w1, b1, w2, b2};
    Node logits = dense(dense(x, w1, b1, new Relu()), w2, b2, new Identity());
    Node loss = crossEntropy(logits, labels);
    List<Node> gradients = graph.gradient(loss, parameters);
    Session session = graph.session(loss, gradients);
    session.bind(x, images).bind(labels, classes);
    float first = session.run().number(loss);
    for (int step = 0; step < 100; step++) {
      session.run();
      for (int i = 0; i < parameters.length; i++) {
        Matrix gradient = session.value(gradients.get(i));
        Sgd.step(0.5f, gradient, parameters[i].value());
      }
    }
    assertThat(first).isGreaterThan(2f);
    assertThat(session.run().number(loss)).isLessThan(0.05f);
    Session inference = graph.session(logits).bind(x, images).run();
    int right = 0;
    for (int i = 0; i < batch; i++) {
      Matrix row = inference.value(logits).rowRange(i, 1);
      right += Reductions.argmax(row.array(), row.offset(), 10) == classes[i] ? 1 : 0;
    }
    assertThat(right).isGreaterThan(195);
  }

  @Test
  void aValueWithThreeReadersSumsTheirGradients() {
    Node x = number("x");
    Node f = add(add(square(x), scale(3f, x)), exp(x));
    Node dx = graph.gradient(f, x).get(0);
    Session session = graph.session(dx);
    assertThat(session.feed(x, 0.5f).run().number(dx))
        .isCloseTo((float) (2 * 0.5 + 3 + Math.exp(0.5)), CLOSE);
  }

  @Test
  void theGradientOfAMatrixWithTwoReadersIsOneProductThatAddsOntoTheOther() {
    Node x = graph.input("x", 3);
    Node a = graph.parameter("a", Matrix.of(random(12, 1), 3, 4));
    Node b = graph.parameter("b", Matrix.of(random(12, 2), 3, 4));
    Node y = sum(multiply(product(x, a), product(x, b)), Over.ALL);
    Node dx = graph.gradient(y, x).get(0);
    assertThat(dx.op().name()).isEqualTo("product");
    assertThat(dx.inputs()).hasSize(3);
    Session session = graph.session(y, List.of(dx));
    float[] at = {0.5f, -1f, 2f};
    session.feed(x, at).run();
    float h = 1e-2f;
    float[] gradient = values(session, dx);
    for (int i = 0; i < 3; i++) {
      float[] up = at.clone();
      float[] down = at.clone();
      up[i] += h;
      down[i] -= h;
      double rise = session.feed(x, up).run().number(y) - session.feed(x, down).run().number(y);
      assertThat(gradient[i]).isCloseTo((float) (rise / (2 * h)), within(1e-3f));
    }
  }

  @Test
  void theHessianTimesAVectorIsOneMoreGradient() {
    Node x = graph.input("x", 1, 3);
    Node v = graph.input("v", 1, 3);
    Node f = sum(multiply(square(x), tanh(x)), Over.ALL);
    Node gradient = graph.gradient(f, x).get(0);
    Node hvp = graph.gradient(dot(gradient, v), x).get(0);
    Session session = graph.session(hvp);
    float[] at = {0.3f, -0.7f, 1.2f};
    float[] direction = {1f, -2f, 0.5f};
    float[] result = values(session.feed(x, at).feed(v, direction).run(), hvp);
    for (int i = 0; i < 3; i++) {
      double t = Math.tanh(at[i]);
      double d = 1 - t * t;
      double second = 2 * t + 4 * at[i] * d - 2 * at[i] * at[i] * t * d;
      assertThat(result[i]).isCloseTo((float) (second * direction[i]), within(5e-6f));
    }
  }

  /** J·t by two reverse passes: Jᵀ·u is linear in u, and its gradient by u along t is J·t. */
  @Test
  void aJvpByTwoReversePasses() {
    Node x = graph.input("x", 1, 3);
    Node u = graph.input("u", 1, 2);
    Node t = graph.input("t", 1, 3);
    Node w = graph.parameter("w", Matrix.of(random(6, 9), 3, 2));
    Node y = sigmoid(product(x, w));
    Node pulled = graph.gradient(y, u, List.of(x)).get(0);
    Node jvp = graph.gradient(dot(pulled, t), u).get(0);
    Session session = graph.session(jvp, List.of(y));
    float[] at = {0.3f, -0.7f, 1.2f};
    float[] along = {1f, -2f, 0.5f};
    float[] result = values(session.feed(x, at).feed(t, along).feed(u, 7, 7).run(), jvp);
    float[] value = values(session, y);
    for (int j = 0; j < 2; j++) {
      double slope = 0;
      for (int i = 0; i < 3; i++) {
        slope += along[i] * w.value().get(i, j);
      }
      assertThat(result[j]).isCloseTo((float) (slope * value[j] * (1 - value[j])), CLOSE);
    }
  }

  @Test
  void columnsConcatenationAndReshapeHaveTheirGradients() {
    Node x = graph.input("x", 4);
    Node left = columns(x, 0, 2);
    Node right = columns(x, 2, 2);
    Node swapped = concat(square(right), scale(3f, left), left);
    Node folded = reshape(swapped, new Shape(Shape.Kind.FLOATS, true, 3, 2));
    Node f = sum(multiply(folded, folded), Over.ALL);
    Node dx = graph.gradient(f, x).get(0);
    Session session = graph.session(folded, List.of(f, dx));
    session.feed(x, 1, 2, 3, 4, 5, 6, 7, 8).run();
    assertThat(session.value(folded).rows()).isEqualTo(6);
    assertThat(values(session, folded)).containsExactly(9, 16, 3, 6, 1, 2, 49, 64, 15, 18, 5, 6);
    float[] expected = new float[8];
    for (int i = 0; i < 8; i++) {
      expected[i] = i % 4 < 2 ? 2 * 9 * (i + 1) + 2 * (i + 1) : 4 * (i + 1) * (i + 1) * (i + 1);
    }
    assertThat(values(session, dx)).containsExactly(expected);
  }

  @Test
  void rowsColumnsAndNumbersAreRepeatedAndTheirGradientsSummed() {
    Node x = graph.input("x", 2);
    Node row = graph.input("row", 1, 2);
    Node column = graph.input("column", 1);
    Node number = number("number");
    Node f = sum(multiply(multiply(add(x, row), column), number), Over.ALL);
    List<Node> gradients = graph.gradient(f, x, row, column, number);
    Session session = graph.session(f, gradients);
    session.feed(x, 1, 2, 3, 4).feed(row, 10, 20).feed(column, 2, -1).feed(number, 0.5f).run();
    assertThat(session.number(f)).isEqualTo(0.5f * (2 * (11 + 22) - (13 + 24)));
    assertThat(values(session, gradients.get(0))).containsExactly(1, 1, -0.5f, -0.5f);
    assertThat(values(session, gradients.get(1))).containsExactly(0.5f, 0.5f);
    assertThat(values(session, gradients.get(2))).containsExactly(16.5f, 18.5f);
    assertThat(values(session, gradients.get(3))).containsExactly(2 * 33 - 37);
  }

  @Test
  void meansAndMaxima() {
    Node x = graph.input("x", 3);
    Node rows = mean(x, Over.ROWS);
    Node columns = mean(x, Over.COLUMNS);
    Node all = mean(x, Over.ALL);
    Node top = max(x, Over.COLUMNS);
    Node highest = max(x, Over.ALL);
    Node weight = graph.input("weight", 1);
    List<Node> gradients =
        List.of(
            graph.gradient(all, x).get(0),
            graph.gradient(sum(multiply(top, weight), Over.ALL), x).get(0),
            graph.gradient(highest, x).get(0));
    List<Node> outputs = new java.util.ArrayList<>(List.of(columns, all, top, highest));
    outputs.addAll(gradients);
    Session session = graph.session(rows, outputs);
    session.feed(x, 1, 5, 3, 9, 2, 7).feed(weight, 10, -1).run();
    assertThat(values(session, rows)).containsExactly(5, 3.5f, 5);
    assertThat(values(session, columns)).containsExactly(3, 6);
    assertThat(session.number(all)).isEqualTo(4.5f);
    assertThat(values(session, top)).containsExactly(5, 9);
    assertThat(session.number(highest)).isEqualTo(9);
    assertThat(values(session, gradients.get(0))).containsOnly(1 / 6f);
    assertThat(values(session, gradients.get(1))).containsExactly(0, 10, 0, -1, 0, 0);
    assertThat(values(session, gradients.get(2))).containsExactly(0, 0, 0, 1, 0, 0);
  }

  @Test
  void eachBatchSizeHasItsOwnPlanAndOldOnesStayRight() {
    Node x = graph.input("x", 5);
    Node w = graph.parameter("w", Matrix.of(random(15, 1), 5, 3));
    Node y = relu(product(x, w));
    Session session = graph.session(y);
    float[] data = random(35, 2);
    float[] whole = values(session.feed(x, data).run(), y);
    float[] few = values(session.feed(x, Arrays.copyOf(data, 10)).run(), y);
    float[] again = values(session.feed(x, data).run(), y);
    assertThat(few).isEqualTo(Arrays.copyOf(whole, 6));
    assertThat(again).isEqualTo(whole);
    assertThat(session.feed(x).run().value(y).rows()).isZero();
    float[] shared = session.value(y).array();
    assertThat(session.feed(x, data).run().value(y).array())
        .as("one array for all")
        .isSameAs(shared);
    float[] more = random(200, 3);
    assertThat(values(session.feed(x, more).run(), y)).hasSize(120);
    assertThat(values(session.feed(x, data).run(), y)).isEqualTo(whole);
  }

  @Test
  void outputsAndInputsAreTheCallersMatricesWhateverGapsTheyHave() {
    Node x = graph.input("x", 3);
    Node y = scale(2f, x).named("y");
    Node s = sum(y, Over.COLUMNS);
    Session session = graph.session(y, List.of(s));
    float[] array = new float[40];
    for (int i = 0; i < array.length; i++) {
      array[i] = i;
    }
    Matrix gaps = Matrix.of(array, 1, 4, 3, 5);
    Matrix result = Matrix.of(new float[40], 2, 4, 3, 6);
    session.bind(x, gaps).bind(y, result).run();
    assertThat(result.get(3, 2)).isEqualTo(2 * gaps.get(3, 2));
    assertThat(result.array()[2 + 3]).as("the gap").isZero();
    Matrix transposed = Matrix.of(array, 3, 4).transposed();
    session.bind(x, transposed).run();
    assertThat(result.get(3, 2)).isEqualTo(2 * transposed.get(3, 2));
    assertThat(session.value(s).get(3, 0)).isEqualTo(2 * (array[3] + array[7] + array[11]));
  }

  @Test
  void parametersAreReadAsTheyAreWhenASessionRuns() {
    Matrix w = Matrix.of(new float[] {2}, 1, 1);
    Node x = number("x");
    Node y = multiply(graph.parameter("w", w), x);
    Session session = graph.session(y);
    assertThat(session.feed(x, 3).run().number(y)).isEqualTo(6);
    w.array()[0] = 5;
    assertThat(session.run().number(y)).isEqualTo(15);
  }

  @Test
  void whatNobodyNeedsIsNotComputed() {
    Node x = number("x");
    Node y = square(x);
    graph.apply(new Refusing(), x);
    assertThat(graph.session(y).feed(x, 3).run().number(y)).isEqualTo(9);
  }

  /** An op that fails when it runs. */
  private record Refusing() implements Op {
    @Override
    public String name() {
      return "refusing";
    }

    @Override
    public List<Shape> shapes(List<Shape> inputs) {
      return inputs;
    }

    @Override
    public void run(Operands in, Operands out, Scratch scratch) {
      throw new IllegalStateException("must not run");
    }
  }

  /** The whole Jacobian would be 256 GB. */
  @Test
  void reluOf128Times4096AndALargeLayerNeedNoJacobian() {
    Node x = graph.input("x", 4096);
    Node y = relu(x);
    Node dx = graph.gradient(y, graph.input("up", 4096), List.of(x)).get(0);
    Session session = graph.session(dx);
    Matrix up = Matrix.of(random(128 * 4096, 2), 128, 4096);
    session.bind(x, Matrix.of(random(128 * 4096, 1), 128, 4096)).bind(graph.node("up"), up).run();
    assertThat(session.bytes()).isLessThanOrEqualTo(2 * 4 * 128 * 4096 + 128 * 4096 / 8 + 128);
    Node w = graph.parameter("w", Matrix.of(random(4096 * 4096, 3), 4096, 4096));
    Node b = graph.parameter("b", Matrix.zeros(1, 4096));
    Node layer = dense(x, w, b, new Relu());
    List<Node> gradients = graph.gradient(sum(layer, Over.ALL), x, w, b);
    Session training = graph.session(gradients.get(0), gradients);
    training.bind(x, Matrix.of(random(64 * 4096, 1), 64, 4096)).run();
    assertThat(training.bytes()).isLessThan(5L * 4 * 64 * 4096 + 4L * 4096 * 4096 + 200_000);
    assertThat(training.value(gradients.get(1)).rows()).isEqualTo(4096);
  }

  @Test
  void aRunAllocatesNothingOnceItHasMetABatchSize() {
    Node x = graph.input("x", 33);
    Node labels = graph.ints("labels", 1);
    Node w1 = graph.parameter("w1", Matrix.of(random(33 * 17, 1), 33, 17));
    Node b1 = graph.parameter("b1", Matrix.zeros(1, 17));
    Node w2 = graph.parameter("w2", Matrix.of(random(170, 2), 17, 10));
    Node b2 = graph.parameter("b2", Matrix.zeros(1, 10));
    Node hidden = dense(x, w1, b1, new Relu());
    Node loss = crossEntropy(dense(hidden, w2, b2, new Identity()), labels);
    Session session = graph.session(loss, graph.gradient(loss, w1, b1, w2, b2));
    Matrix[] inputs = {Matrix.of(random(33 * 8, 3), 8, 33), Matrix.of(random(33 * 8, 4), 8, 33)};
    session.bind(labels, new int[] {0, 1, 2, 3, 4, 5, 6, 7});
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 400 && least > 0; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 100; i++) {
        session.bind(x, inputs[i % 2]).run();
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(least).isZero();
  }

  @Test
  void valuesWhoseLivesDoNotMeetShareMemory() {
    Node x = graph.input("x", 1000);
    Node y = x;
    for (int i = 0; i < 20; i++) {
      y = add(tanh(y), x);
    }
    Session session = graph.session(y);
    session.bind(x, Matrix.of(random(64 * 1000, 1), 64, 1000)).run();
    assertThat(session.bytes()).isLessThanOrEqualTo(2 * 4 * 64 * 1000);
  }

  /** With all nodes kept no two values share memory: the same bits say that none is overwritten. */
  @Test
  void sharingMemoryChangesNoBit() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      Graph g = new Graph();
      Node x = g.input("x", 6);
      Node w = g.parameter("w", Matrix.of(random(36, seed), 6, 6));
      Node b = g.parameter("b", Matrix.of(random(6, seed + 1), 1, 6));
      List<Node> values = new java.util.ArrayList<>(List.of(x));
      for (int i = 0; i < 12; i++) {
        Node a = values.get(Math.max(0, values.size() - 1 - random.nextInt(3)));
        Node other = values.get(random.nextInt(values.size()));
        values.add(
            switch (random.nextInt(10)) {
              case 0 -> add(a, other);
              case 1 -> multiply(tanh(a), other);
              case 2 -> dense(a, w, b, new Relu());
              case 3 -> dense(a, w, b, new Gelu());
              case 4 -> Ops.softmax(a);
              case 5 -> concat(columns(other, 3, 3), columns(a, 0, 3));
              case 6 -> subtract(a, mean(other, Over.COLUMNS));
              case 7 ->
                  reshape(relu(reshape(a, new Shape(Shape.Kind.FLOATS, true, 2, 3))), a.shape());
              case 8 -> maximum(a, other);
              default -> Ops.layerNorm(a, b, b, 0.1f);
            });
      }
      Node loss = sum(square(values.get(values.size() - 1)), Over.ALL);
      List<Node> gradients = g.gradient(loss, x, w, b);
      List<Node> second = g.gradient(dot(gradients.get(0), gradients.get(0)), x, w);
      List<Node> wanted = new java.util.ArrayList<>(gradients);
      wanted.addAll(second);
      Session lean = g.session(loss, wanted);
      List<Node> everything =
          g.nodes().stream().filter(node -> node.op() != null && node.hasGradient()).toList();
      Session keeping = g.session(loss, everything);
      for (int batch : new int[] {3, 5, 3}) {
        Matrix data = Matrix.of(random(batch * 6, seed), batch, 6);
        lean.bind(x, data).run();
        keeping.bind(x, data).run();
        for (Node node : wanted) {
          assertThat(values(lean, node))
              .as("seed %d, %s", seed, node)
              .isEqualTo(values(keeping, node));
        }
      }
      assertThat(lean.bytes()).isLessThan(keeping.bytes());
    }
  }

  @Test
  void theTextShowsNamesOpsShapesWorkAndMemory() {
    Node x = graph.input("x", 3);
    Node w = graph.parameter("w", Matrix.zeros(3, 2));
    relu(product(x, w).named("z")).named("y");
    assertThat(graph.toString())
        .isEqualTo(
            """
            x = input: batch × 3
            w = parameter: 3 × 2
            z = product(x, w): batch × 2; 12 flops, 8 bytes an example
            y = relu(z): batch × 2, batch × 2 bits; 2 flops, 16 bytes an example
            """);
    assertThat(graph.toDot())
        .startsWith("digraph {")
        .contains("n0 [label=\"x\\nbatch × 3\", shape=box]")
        .contains("n2 [label=\"z\\nproduct\\nbatch × 2\"]")
        .contains("n0 -> n2;")
        .endsWith("}\n");
    assertThat(graph.flops(10, graph.node("y"))).isEqualTo(10 * (12 + 2));
  }

  @Test
  void saysWhatWasGivenAndWhatWasExpected() {
    Node x = graph.input("x", 3);
    Node w = graph.parameter("w", Matrix.zeros(4, 2));
    Node labels = graph.ints("labels", 1);
    Node y = square(x);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> product(x, w))
        .withMessage(
            "product(x, w): input 0 is batch × 3 and input 1 is 4 × 2, expected as many columns of"
                + " the first as rows of the second");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> add(x, w))
        .withMessageStartingWith("add(x, w): input 1 is 4 × 2, expected batch × 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> add(x, labels))
        .withMessageContaining("batch × 1 ints");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> crossEntropy(x, y))
        .withMessageContaining("expected batch × 1 ints, a label a row");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.input("x", 2))
        .withMessage("there is a node x already, x: batch × 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> y.named("w"))
        .withMessageStartingWith("there is a node w already");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.node("nobody"))
        .withMessageStartingWith("no node nobody, expected one of [x, w, labels");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.gradient(y, x))
        .withMessageContaining("not a number: an upstream gradient is needed");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.gradient(sum(y, Over.ALL), labels))
        .withMessage("labels: batch × 1 ints has no gradient: it holds no real numbers");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> add(x, new Graph().input("z", 3)))
        .withMessageContaining("is of another graph");
    assertThatNullPointerException()
        .isThrownBy(() -> add(x, null))
        .withMessage("b is null, expected a Node");
  }

  @Test
  void anOpWithoutADerivativeSaysSoByName() {
    Node x = graph.input("x", 3);
    Node slopes = graph.parameter("slopes", Matrix.zeros(1, 3));
    Node dx = graph.gradient(sum(Ops.prelu(x, slopes), Over.ALL), x).get(0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.gradient(sum(dx, Over.ALL), x))
        .withMessage(
            "prelu gradient has no derivative: no gradient flows through prelu gradient:"
                + " batch × 3");
    Node refusing = graph.apply(new Refusing(), x);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.gradient(sum(refusing, Over.ALL), x))
        .withMessageStartingWith("refusing has no derivative");
    assertThat(graph.gradient(sum(Ops.activation(new HardSwish(), x), Over.ALL), x)).hasSize(1);
  }

  @Test
  void aSessionRefusesWhatDoesNotFit() {
    Node x = graph.input("x", 3);
    Node labels = graph.ints("labels", 1);
    Node loss = crossEntropy(x, labels);
    Session session = graph.session(loss);
    assertThatIllegalStateException()
        .isThrownBy(session::run)
        .withMessage("a value must be fed for x");
    assertThatIllegalStateException()
        .isThrownBy(() -> session.value(loss))
        .withMessage("cross-entropy has no value yet: run() comes first");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> session.bind(x, Matrix.zeros(2, 4)))
        .withMessage("the matrix for x is 2 × 4, expected batch × 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> session.feed(x, 1, 2))
        .withMessage("2 values are fed for x, expected batch × 3");
    session.bind(x, Matrix.zeros(2, 3)).bind(labels, new int[3]);
    assertThatIllegalArgumentException()
        .isThrownBy(session::run)
        .withMessage("labels has 3 examples, but x has 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> session.bind(labels, new int[] {0, 3}).run())
        .withMessageContaining("labels[1] is 3, expected 0 … 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> session.value(x))
        .withMessageContaining("is no output of this session");
  }

  @Test
  void anOutputThatOverlapsAnInputIsRefused() {
    Node x = graph.input("x", 3);
    Node y = square(x).named("y");
    Matrix both = Matrix.zeros(2, 3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.session(y).bind(x, both).bind(y, both).run())
        .withMessage("the matrix for y overlaps that for x, expected separate elements");
  }

  @Test
  void theGradientOfWhatDoesNotDependOnItIsZero() {
    Node x = graph.input("x", 2);
    Node z = graph.input("z", 2);
    Node dz = graph.gradient(sum(x, Over.ALL), z).get(0);
    Session session = graph.session(dz);
    assertThat(values(session.feed(z, 1, 2).run(), dz)).containsExactly(0, 0);
  }

  @Test
  void aDenseLayerIsItsGatesWhateverItsActivationSaves() {
    for (Activation f : List.of(new Relu(), new Gelu(), new Tanh(), new Identity())) {
      Graph g = new Graph();
      Node x = g.input("x", 70);
      Node w = g.parameter("w", Matrix.of(random(70 * 67, 1), 70, 67));
      Node b = g.parameter("b", Matrix.of(random(67, 2), 1, 67));
      Node fused = dense(x, w, b, f);
      Node gates = Ops.activation(f, add(product(x, w), b));
      Node up = g.input("up", 67);
      List<Node> one = g.gradient(fused, up, List.of(x, w, b));
      List<Node> other = g.gradient(gates, up, List.of(x, w, b));
      List<Node> outputs = new java.util.ArrayList<>(List.of(gates));
      outputs.addAll(one);
      outputs.addAll(other);
      Session session = g.session(fused, outputs);
      session
          .bind(x, Matrix.of(random(9 * 70, 3), 9, 70))
          .bind(up, Matrix.of(random(9 * 67, 4), 9, 67))
          .run();
      assertThat(values(session, fused))
          .as("%s", f)
          .containsExactly(values(session, gates), within(1e-5f));
      for (int i = 0; i < 3; i++) {
        assertThat(values(session, one.get(i)))
            .as("%s %d", f, i)
            .containsExactly(values(session, other.get(i)), within(1e-5f));
      }
    }
  }

  @Test
  void aLayersGradientsHaveTheBitsOfDenseBackward() {
    int m = 13;
    int k = 70;
    int n = 67;
    Workspace workspace = new Workspace();
    for (Activation f : List.of(new Relu(), new Gelu(), new Tanh(), new Identity())) {
      Matrix xs = Matrix.of(random(m * k, 3), m, k);
      Matrix ws = Matrix.of(random(k * n, 1), k, n);
      Matrix bs = Matrix.of(random(n, 2), 1, n);
      Matrix dys = Matrix.of(random(m * n, 4), m, n);
      Graph g = new Graph();
      Node x = g.input("x", k);
      Node up = g.input("up", n);
      Node w = g.parameter("w", ws);
      Node b = g.parameter("b", bs);
      Node y = dense(x, w, b, f);
      List<Node> gradients = g.gradient(y, up, List.of(x, w, b));
      Session session = g.session(y, gradients).bind(x, xs).bind(up, dys).run();
      Matrix ys = Matrix.zeros(m, n);
      DenseTape tape = new DenseTape(f, m, n);
      Dense.forward(xs, ws, bs.array(), ys, tape, workspace);
      float[][] by = {new float[m * k], new float[k * n], new float[n]};
      DenseBackward.backward(
          xs,
          ws,
          ys,
          tape,
          dys,
          DenseGradients.into(Matrix.of(by[0], m, k), Matrix.of(by[1], k, n), by[2]),
          workspace);
      assertThat(values(session, y)).as("%s", f).isEqualTo(ys.array());
      for (int i = 0; i < 3; i++) {
        assertThat(values(session, gradients.get(i))).as("%s", f).isEqualTo(by[i]);
      }
    }
  }

  @Test
  void aRowThatIsMaskedWholeHasZerosAndNoGradient() {
    float no = Float.NEGATIVE_INFINITY;
    Node x = graph.input("x", 3);
    Node y = Ops.maskedSoftmax(x);
    Node dx = graph.gradient(y, graph.input("up", 3), List.of(x)).get(0);
    Session session = graph.session(y, List.of(dx));
    session.feed(x, no, no, no, 0, no, 0).feed(graph.node("up"), 1, 2, 3, 1, 2, 3).run();
    assertThat(values(session, y)).containsExactly(0, 0, 0, 0.5f, 0, 0.5f);
    assertThat(values(session, dx)).containsExactly(0, 0, 0, -0.5f, 0, 0.5f);
  }

  @Test
  void subtractionIsNotCommutative() {
    Node x = number("x");
    Node y = number("y");
    Node f = Ops.divide(subtract(x, y), y);
    List<Node> gradients = graph.gradient(f, x, y);
    Session session = graph.session(f, gradients);
    session.feed(x, 6).feed(y, 2).run();
    assertThat(session.number(f)).isEqualTo(2);
    assertThat(session.number(gradients.get(0))).isEqualTo(0.5f);
    assertThat(session.number(gradients.get(1))).isEqualTo(-1.5f);
  }
}
