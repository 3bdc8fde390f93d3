package org.lanegrad.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.lanegrad.graph.GraphTests.random;
import static org.lanegrad.graph.GraphTests.valuesOf;
import static org.lanegrad.graph.Ops.add;
import static org.lanegrad.graph.Ops.columns;
import static org.lanegrad.graph.Ops.concat;
import static org.lanegrad.graph.Ops.crossEntropy;
import static org.lanegrad.graph.Ops.dense;
import static org.lanegrad.graph.Ops.dot;
import static org.lanegrad.graph.Ops.maximum;
import static org.lanegrad.graph.Ops.mean;
import static org.lanegrad.graph.Ops.multiply;
import static org.lanegrad.graph.Ops.product;
import static org.lanegrad.graph.Ops.relu;
import static org.lanegrad.graph.Ops.reshape;
import static org.lanegrad.graph.Ops.scale;
import static org.lanegrad.graph.Ops.square;
import static org.lanegrad.graph.Ops.subtract;
import static org.lanegrad.graph.Ops.sum;
import static org.lanegrad.graph.Ops.tanh;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Gelu;
import org.lanegrad.activation.Identity;
import org.lanegrad.activation.Relu;
import org.lanegrad.graph.GraphTests.Refusing;

/** Binding, batches, memory: what a session does with a graph. */
class SessionTest {
  private final Graph graph = new Graph();

  private Node number(String name) {
    return graph.input(name, 1, 1);
  }

  @Test
  void eachBatchSizeHasItsOwnPlanAndOldOnesStayRight() {
    Node x = graph.input("x", 5);
    Node w = graph.parameter("w", Matrix.of(random(15, 1), 5, 3));
    Node y = relu(product(x, w));
    Session session = graph.session(y);
    float[] data = random(35, 2);
    float[] whole = valuesOf(session.feed(x, data).run(), y);
    float[] few = valuesOf(session.feed(x, Arrays.copyOf(data, 10)).run(), y);
    float[] again = valuesOf(session.feed(x, data).run(), y);
    assertThat(few).isEqualTo(Arrays.copyOf(whole, 6));
    assertThat(again).isEqualTo(whole);
    assertThat(session.feed(x).run().value(y).rows()).isZero();
    float[] shared = session.value(y).array();
    assertThat(session.feed(x, data).run().value(y).array())
        .as("one array for all")
        .isSameAs(shared);
    float[] more = random(200, 3);
    assertThat(valuesOf(session.feed(x, more).run(), y)).hasSize(120);
    assertThat(valuesOf(session.feed(x, data).run(), y)).isEqualTo(whole);
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
    for (int round = 0; round < 4_000 && least > 0; round++) {
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
      List<Node> values = new ArrayList<>(List.of(x));
      for (int i = 0; i < 12; i++) {
        Node a = values.get(Math.max(0, values.size() - 1 - random.nextInt(3)));
        Node other = values.get(random.nextInt(values.size()));
        values.add(
            switch (random.nextInt(12)) {
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
              case 9 -> product(a, w);
              case 10 -> add(a, b);
              default -> Ops.layerNorm(a, b, b, 0.1f);
            });
      }
      Node loss = sum(square(values.get(values.size() - 1)), Over.ALL);
      // one parameter or all: what is no target must not be missed
      Node[] targets = seed % 4 == 0 ? new Node[] {x, w, b} : new Node[] {seed % 2 == 0 ? x : w};
      List<Node> gradients = g.gradient(loss, targets);
      List<Node> second = g.gradient(dot(gradients.get(0), gradients.get(0)), targets);
      List<Node> wanted = new ArrayList<>(gradients);
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
          assertThat(valuesOf(lean, node))
              .as("seed %d, %s", seed, node)
              .isEqualTo(valuesOf(keeping, node));
        }
      }
      assertThat(lean.bytes()).isLessThan(keeping.bytes());
    }
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
  void anOutputThatIsAViewCanBeBound() {
    Node x = graph.input("x", 3);
    Node right = columns(x, 1, 2);
    Session session = graph.session(right);
    Matrix result = Matrix.zeros(2, 2);
    session.bind(right, result).feed(x, 1, 2, 3, 4, 5, 6).run();
    assertThat(result.array()).containsExactly(2, 3, 5, 6);
    session.feed(x, 7, 8, 9, 10, 11, 12).run();
    assertThat(result.array()).containsExactly(8, 9, 11, 12);
    session.bind(right, Matrix.zeros(2, 2)).run();
    session.bind(x, Matrix.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3)).bind(right, result).run();
    assertThat(result.array()).containsExactly(2, 3, 5, 6);
  }

  /** The gradient of a mean reads no element of x, but must know how many there are. */
  @Test
  void theBatchIsThatOfEveryInputReadOrNot() {
    Node x = graph.input("x", 3);
    Node dx = graph.gradient(mean(x, Over.ALL), x).get(0);
    Session session = graph.session(dx).feed(x, 1, 2, 3, 4, 5, 6).run();
    assertThat(valuesOf(session, dx)).hasSize(6).containsOnly(1 / 6f);
    assertThat(valuesOf(session.feed(x, 1, 2, 3).run(), dx)).hasSize(3).containsOnly(1 / 3f);
    assertThatIllegalStateException()
        .isThrownBy(() -> graph.session(dx).run())
        .withMessage("the size of the batch is not known: a value must be fed for x");
  }

  @Test
  void aReboundInputThatOverlapsAnOutputIsRefused() {
    Node x = graph.input("x", 3);
    Node y = scale(2f, x).named("y");
    Node z = add(y, x);
    Matrix a = Matrix.of(random(6, 1), 2, 3);
    Matrix b = Matrix.of(random(6, 2), 2, 3);
    Session session = graph.session(y, z).bind(x, a).bind(y, b).run();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> session.bind(x, b).run())
        .withMessage("the matrix for y overlaps that for x, expected separate elements");
  }

  @Test
  void aSessionsOwnMemoryIsRefusedAsAnInputOrAnOutput() {
    Node h = graph.input("h", 3);
    Node next = add(scale(2f, h), square(h)).named("next");
    Node total = sum(next, Over.ROWS);
    Node row = graph.input("row", 1, 3);
    Node more = add(total, row);
    Session session = graph.session(next, total, more);
    session.feed(h, 1, 2, 3).feed(row, 1, 1, 1).run();
    for (Runnable call :
        List.<Runnable>of(
            () -> session.bind(h, session.value(next)),
            () -> session.bind(row, session.value(total)),
            () -> session.bind(more, session.value(total)))) {
      assertThatIllegalArgumentException()
          .isThrownBy(call::run)
          .withMessageContaining("is the session's own memory, expected the caller's");
    }
  }

  @Test
  void aConstantIsReadAtEachRunThoughItWas1WhenTheGraphWasBuilt() {
    Matrix t = Matrix.of(new float[] {1}, 1, 1);
    Node x = graph.input("x", 2);
    Node y = multiply(graph.constant("weight", t), x).named("y");
    Node one = multiply(graph.constant(1f), x).named("one");
    assertThat(x.name()).isEqualTo("x");
    graph.constant(1f).value().array()[0] = 9; // a copy
    Session session = graph.session(y, one).feed(x, 3, 4);
    t.array()[0] = 2;
    assertThat(valuesOf(session.run(), y)).containsExactly(6, 8);
    assertThat(valuesOf(session, one)).containsExactly(3, 4);
  }

  @Test
  void whatAKernelRefusesNamesTheNode() {
    Node x = graph.input("x", 3);
    Node labels = graph.ints("labels", 1);
    Node loss = crossEntropy(x, labels).named("loss");
    Session session = graph.session(loss).feed(x, 1, 2, 3).bind(labels, new int[] {3});
    assertThatIllegalArgumentException()
        .isThrownBy(session::run)
        .withMessage("loss: labels[0] is 3, expected 0 … 2");
  }

  @Test
  void onlyInputsOfTheSameGraphAreFed() {
    Node x = graph.input("x", 1, 1);
    Node y = square(x);
    Session session = graph.session(y);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> session.feed(y, 1))
        .withMessage("square: 1 × 1 is no input, only an input can be fed");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> session.feed(new Graph().input("x", 1, 1), 1))
        .withMessage("x: 1 × 1 is of another graph");
  }

  /** Two batch sizes in turns, other outputs, inputs with gaps: each was met before. */
  @Test
  void bindingsThatWereMetBeforeAllocateNothing() {
    Node x = graph.input("x", 33);
    Node y = tanh(x);
    Node s = sum(y, Over.COLUMNS);
    Session session = graph.session(y, s);
    Matrix[] inputs = {
      Matrix.of(random(33 * 300, 3), 300, 33),
      Matrix.of(random(33 * 7, 4), 7, 33),
      Matrix.of(random(40 * 300, 3), 300, 33).transposed().rowRange(0, 33).transposed(),
      Matrix.of(random(40 * 300, 5), 2, 300, 33, 40),
      Matrix.of(random(33 * 300, 5), 33, 300).transposed()
    };
    Matrix[] large = {Matrix.zeros(300, 33), Matrix.zeros(300, 33)};
    Matrix[] small = {Matrix.zeros(7, 33), Matrix.zeros(7, 33)};
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 4_000 && least > 0; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 40; i++) {
        Matrix in = inputs[i % inputs.length];
        session.bind(x, in).bind(y, (in.rows() == 7 ? small : large)[i / 5 % 2]).run();
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(least).isZero();
  }
}
