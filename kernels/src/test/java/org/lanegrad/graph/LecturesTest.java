package org.lanegrad.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.lanegrad.graph.GraphTests.random;
import static org.lanegrad.graph.GraphTests.valuesOf;
import static org.lanegrad.graph.Ops.add;
import static org.lanegrad.graph.Ops.dense;
import static org.lanegrad.graph.Ops.embeddingWindow;
import static org.lanegrad.graph.Ops.exp;
import static org.lanegrad.graph.Ops.maximum;
import static org.lanegrad.graph.Ops.multiply;
import static org.lanegrad.graph.Ops.negate;
import static org.lanegrad.graph.Ops.power;
import static org.lanegrad.graph.Ops.product;
import static org.lanegrad.graph.Ops.reciprocal;
import static org.lanegrad.graph.Ops.relu;
import static org.lanegrad.graph.Ops.shift;
import static org.lanegrad.graph.Ops.sigmoid;
import static org.lanegrad.graph.Ops.sum;

import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Relu;
import org.lanegrad.activation.Sigmoid;

/** The graphs of the lectures on the fast kernels, with their numbers. */
class LecturesTest {
  private static final Offset<Float> CLOSE = within(1e-6f);
  private static final Offset<Float> TWO_DIGITS = within(0.005f);

  private final Graph graph = new Graph();

  private Node number(String name) {
    return graph.input(name, 1, 1);
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
    List<Node> outputs = new ArrayList<>(List.of(collapsed));
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
    List<Node> outputs = new ArrayList<>(List.of(a, x));
    outputs.addAll(gradients);
    Session session = graph.session(s, outputs);
    session.bind(words, new int[] {3, 0, 3}).run();
    float[] values = valuesOf(session, a);
    float[] input = valuesOf(session, x);
    assertThat(valuesOf(session, gradients.get(0))).as("∂s/∂u = a").isEqualTo(values);
    float[] delta = new float[4];
    for (int j = 0; j < 4; j++) {
      delta[j] = u.value().get(j, 0) * values[j] * (1 - values[j]);
      assertThat(valuesOf(session, gradients.get(2))[j]).as("∂s/∂b = δ").isCloseTo(delta[j], CLOSE);
    }
    float[] dx = new float[3 * d];
    for (int i = 0; i < 3 * d; i++) {
      for (int j = 0; j < 4; j++) {
        assertThat(session.value(gradients.get(1)).get(i, j))
            .as("∂s/∂W = x·δᵀ")
            .isCloseTo(input[i] * delta[j], CLOSE);
        dx[i] += w.value().get(i, j) * delta[j];
      }
      assertThat(valuesOf(session, gradients.get(3))[i]).as("∂s/∂x = W·δ").isCloseTo(dx[i], CLOSE);
    }
    for (int k = 0; k < d; k++) {
      assertThat(session.value(gradients.get(4)).get(3, k))
          .as("word 3 stands there twice")
          .isCloseTo(dx[k] + dx[2 * d + k], CLOSE);
      assertThat(session.value(gradients.get(4)).get(1, k)).isZero();
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
}
