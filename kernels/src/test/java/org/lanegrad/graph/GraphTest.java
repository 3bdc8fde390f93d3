package org.lanegrad.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.lanegrad.graph.GraphTests.random;
import static org.lanegrad.graph.Ops.add;
import static org.lanegrad.graph.Ops.crossEntropy;
import static org.lanegrad.graph.Ops.dense;
import static org.lanegrad.graph.Ops.product;
import static org.lanegrad.graph.Ops.relu;
import static org.lanegrad.graph.Ops.square;
import static org.lanegrad.graph.Ops.sum;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Activation;
import org.lanegrad.activation.Identity;
import org.lanegrad.activation.Relu;
import org.lanegrad.loss.Regularizer;
import org.lanegrad.optimizer.Sgd;
import org.lanegrad.reduction.Reductions;

/** How a graph is built and printed, and what it refuses. */
class GraphTest {
  private final Graph graph = new Graph();

  /** A network of two layers, on clusters around ten points. */
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
  void nodesOfAnotherGraphAreRefusedByName() {
    Node p = new Graph().input("p", 1, 1);
    Node x = graph.input("x", 1, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.gradient(square(p), p))
        .withMessage("y, square: 1 × 1, is of another graph");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.gradient(square(x), p))
        .withMessage("x, p: 1 × 1, is of another graph");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.gradient(square(x), p, List.of(x)))
        .withMessage("upstream, p: 1 × 1, is of another graph");
  }

  /** An op with an output that a session has no memory for. */
  private record Counting() implements Op {
    @Override
    public String name() {
      return "counting";
    }

    @Override
    public List<Shape> shapes(List<Shape> inputs) {
      return List.of(inputs.get(0).as(Shape.Kind.INTS));
    }

    @Override
    public void run(Operands in, Operands out, Scratch scratch) {
      throw new IllegalStateException("must not run");
    }
  }

  @Test
  void anOpComputesNoInts() {
    Node x = graph.input("x", 3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> graph.apply(new Counting(), x))
        .withMessage("counting(x): output 0 is batch × 3 ints, expected numbers or bits");
  }

  @Test
  void everyOpNamesANodeThatIsMissing() throws ReflectiveOperationException {
    Node x = graph.input("x", 1, 3);
    int refusals = 0;
    for (Method op : Ops.class.getDeclaredMethods()) {
      Class<?>[] types = op.getParameterTypes();
      for (int missing = 0; missing < types.length; missing++) {
        if (!Modifier.isPublic(op.getModifiers()) || types[missing] != Node.class) {
          continue;
        }
        Object[] arguments = new Object[types.length];
        for (int i = 0; i < types.length; i++) {
          arguments[i] = i == missing ? null : argument(types[i], x);
        }
        assertThatThrownBy(() -> op.invoke(null, arguments))
            .as("%s without argument %d", op, missing)
            .cause()
            .isInstanceOf(NullPointerException.class)
            .hasMessageContaining("expected a Node");
        refusals++;
      }
    }
    assertThat(refusals).isGreaterThan(60);
  }

  private static Object argument(Class<?> type, Node x) {
    if (type == Node.class) {
      return x;
    }
    if (type == float.class) {
      return 1f;
    }
    if (type == int.class) {
      return 1;
    }
    if (type == boolean.class) {
      return false;
    }
    if (type == Over.class) {
      return Over.ALL;
    }
    if (type == Shape.class) {
      return x.shape();
    }
    return type == Activation.class ? new Relu() : Regularizer.l2(1f);
  }
}
