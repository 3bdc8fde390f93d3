package org.lanegrad.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.lanegrad.graph.GraphTests.random;
import static org.lanegrad.graph.GraphTests.valuesOf;
import static org.lanegrad.graph.Ops.add;
import static org.lanegrad.graph.Ops.dense;
import static org.lanegrad.graph.Ops.dot;
import static org.lanegrad.graph.Ops.exp;
import static org.lanegrad.graph.Ops.multiply;
import static org.lanegrad.graph.Ops.product;
import static org.lanegrad.graph.Ops.relu;
import static org.lanegrad.graph.Ops.scale;
import static org.lanegrad.graph.Ops.sigmoid;
import static org.lanegrad.graph.Ops.square;
import static org.lanegrad.graph.Ops.sum;
import static org.lanegrad.graph.Ops.tanh;

import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Activation;
import org.lanegrad.activation.Gelu;
import org.lanegrad.activation.HardSwish;
import org.lanegrad.activation.Identity;
import org.lanegrad.activation.Relu;
import org.lanegrad.activation.Tanh;
import org.lanegrad.dense.Dense;
import org.lanegrad.dense.DenseBackward;
import org.lanegrad.dense.DenseGradients;
import org.lanegrad.dense.DenseTape;
import org.lanegrad.graph.GraphTests.Refusing;
import org.lanegrad.matmul.Workspace;

/** Gradients are nodes: sums at fan-outs, gradients of gradients, fused passes and gates. */
class GradientTest {
  private static final Offset<Float> CLOSE = within(1e-6f);

  private final Graph graph = new Graph();

  private Node number(String name) {
    return graph.input(name, 1, 1);
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
    float[] gradient = valuesOf(session, dx);
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
    float[] result = valuesOf(session.feed(x, at).feed(v, direction).run(), hvp);
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
    float[] result = valuesOf(session.feed(x, at).feed(t, along).feed(u, 7, 7).run(), jvp);
    float[] value = valuesOf(session, y);
    for (int j = 0; j < 2; j++) {
      double slope = 0;
      for (int i = 0; i < 3; i++) {
        slope += along[i] * w.value().get(i, j);
      }
      assertThat(result[j]).isCloseTo((float) (slope * value[j] * (1 - value[j])), CLOSE);
    }
  }

  @Test
  void theGradientOfWhatDoesNotDependOnItIsZero() {
    Node x = graph.input("x", 2);
    Node z = graph.input("z", 2);
    Node dz = graph.gradient(sum(x, Over.ALL), z).get(0);
    Session session = graph.session(dz);
    assertThat(valuesOf(session.feed(z, 1, 2).run(), dz)).containsExactly(0, 0);
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
      List<Node> outputs = new ArrayList<>(List.of(gates));
      outputs.addAll(one);
      outputs.addAll(other);
      Session session = g.session(fused, outputs);
      session
          .bind(x, Matrix.of(random(9 * 70, 3), 9, 70))
          .bind(up, Matrix.of(random(9 * 67, 4), 9, 67))
          .run();
      assertThat(valuesOf(session, fused))
          .as("%s", f)
          .containsExactly(valuesOf(session, gates), within(1e-5f));
      for (int i = 0; i < 3; i++) {
        assertThat(valuesOf(session, one.get(i)))
            .as("%s %d", f, i)
            .containsExactly(valuesOf(session, other.get(i)), within(1e-5f));
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
          dys,
          xs,
          ws,
          ys,
          tape,
          DenseGradients.into(Matrix.of(by[0], m, k), Matrix.of(by[1], k, n), by[2]),
          workspace);
      assertThat(valuesOf(session, y)).as("%s", f).isEqualTo(ys.array());
      for (int i = 0; i < 3; i++) {
        assertThat(valuesOf(session, gradients.get(i))).as("%s", f).isEqualTo(by[i]);
      }
    }
  }

  /** The product that is added to must not be one that somebody else reads. */
  @Test
  void aProductThatIsPassedOnIsSummedAndStaysWhereItIs() {
    Node x = graph.input("x", 3);
    Node w = graph.constant("w", Matrix.of(random(9, 1), 3, 3));
    Node h = add(x, x);
    Node dx = graph.gradient(sum(product(h, w), Over.ALL), x).get(0);
    Session session = graph.session(dx).feed(x, 1, 2, 3).run();
    for (int i = 0; i < 3; i++) {
      float row = w.value().get(i, 0) + w.value().get(i, 1) + w.value().get(i, 2);
      assertThat(session.value(dx).get(0, i)).isCloseTo(2 * row, CLOSE);
    }
  }

  @Test
  void anUpstreamGradientThatIsAProductStaysInTheGraph() {
    Node a = graph.input("a", 3);
    Node b = graph.constant("b", Matrix.of(random(9, 1), 3, 3));
    Node x = graph.input("x", 3);
    Node y = add(x, x);
    Node u = product(a, b).named("u");
    Node dx = graph.gradient(y, u, List.of(x)).get(0);
    assertThat(graph.node("u")).isSameAs(u);
    Session session = graph.session(dx, List.of(u)).feed(a, 1, 2, 3).feed(x, 0, 0, 0).run();
    for (int i = 0; i < 3; i++) {
      assertThat(session.value(dx).get(0, i)).isEqualTo(2 * session.value(u).get(0, i));
    }
  }

  /** dy·f′(x) with dy = x: both of its inputs are one node, and each counts once. */
  @Test
  void aBackwardPassWhoseUpstreamGradientIsWhatWasSaved() {
    Node x = graph.input("x", 1, 1);
    Node v = graph.gradient(square(x), x, List.of(x)).get(0);
    Node d = graph.gradient(sum(v, Over.ALL), x).get(0);
    assertThat(graph.session(d).feed(x, 3).run().number(d)).as("(2x²)′").isEqualTo(12);
    Graph other = new Graph();
    Node z = other.input("z", 1, 1);
    Node y = sigmoid(z);
    Node w = other.gradient(y, y, List.of(z)).get(0);
    Node e = other.gradient(w, z).get(0);
    double s = 1 / (1 + Math.exp(-0.5));
    assertThat(other.session(e).feed(z, 0.5f).run().number(e))
        .as("(s²·(1 − s))′")
        .isCloseTo((float) ((2 * s - 3 * s * s) * s * (1 - s)), CLOSE);
    Graph kinked = new Graph();
    Node k = kinked.input("k", 1, 1);
    Node r = kinked.gradient(relu(k), k, List.of(k)).get(0);
    Node dr = kinked.gradient(r, k).get(0);
    assertThat(kinked.session(dr).feed(k, 3).run().number(dr)).isEqualTo(1);
  }

  @Test
  void theStatisticsOfNormsHaveGradients() {
    Node x = graph.input("x", 1, 4);
    Node gamma = graph.parameter("gamma", Matrix.of(random(4, 1), 1, 4));
    Node beta = graph.parameter("beta", Matrix.of(random(4, 2), 1, 4));
    Node layer = Ops.layerNorm(x, gamma, beta, 0.1f);
    Node rms = Ops.rmsNorm(x, gamma, 0.1f);
    Node loss =
        add(
            add(sum(square(layer), Over.ALL), sum(square(layer.output(1)), Over.ALL)),
            add(sum(square(rms), Over.ALL), sum(rms.output(1), Over.ALL)));
    Node dx = graph.gradient(loss, x).get(0);
    Session session = graph.session(loss, List.of(dx));
    float[] at = {0.5f, -1, 2, 0.25f};
    float[] gradient = valuesOf(session.feed(x, at).run(), dx);
    float h = 1e-2f;
    for (int i = 0; i < 4; i++) {
      float[] up = at.clone();
      float[] down = at.clone();
      up[i] += h;
      down[i] -= h;
      double rise =
          session.feed(x, up).run().number(loss) - session.feed(x, down).run().number(loss);
      assertThat(gradient[i]).isCloseTo((float) (rise / (2 * h)), within(2e-3f));
    }
  }

  @Test
  void anOpIsNotAskedForADerivativeBeyondTheTarget() {
    Node labels = graph.ints("labels", 1);
    Node h = Ops.oneHot(labels, 3);
    Node w = graph.parameter("w", Matrix.of(new float[] {1, 2, 3}, 3, 1));
    Node dh = graph.gradient(sum(product(h, w), Over.ALL), h).get(0);
    Session session = graph.session(dh).bind(labels, new int[] {0, 2}).run();
    assertThat(valuesOf(session, dh)).containsExactly(1, 2, 3, 1, 2, 3);
  }

  @Test
  void eachGradientIsANodeOfItsOwn() {
    Node a = graph.input("a", 2);
    Node b = graph.input("b", 2);
    Node f = sum(add(a, b), Over.ALL);
    List<Node> gradients = graph.gradient(f, a, b, f);
    assertThat(gradients).doesNotHaveDuplicates();
    Matrix da = Matrix.zeros(2, 2);
    Matrix db = Matrix.zeros(2, 2);
    Session session = graph.session(f, gradients);
    session.bind(gradients.get(0), da).bind(gradients.get(1), db);
    session.feed(a, 1, 2, 3, 4).feed(b, 1, 2, 3, 4).run();
    assertThat(da.array()).containsOnly(1);
    assertThat(db.array()).containsOnly(1);
    Node upstream = graph.input("upstream", 2);
    Node passed = graph.gradient(add(a, b), upstream, List.of(a)).get(0);
    passed.named("da");
    assertThat(upstream.name()).isEqualTo("upstream");
  }
}
