package org.lanegrad.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.lanegrad.graph.Ops.activation;
import static org.lanegrad.graph.Ops.add;
import static org.lanegrad.graph.Ops.columns;
import static org.lanegrad.graph.Ops.concat;
import static org.lanegrad.graph.Ops.dense;
import static org.lanegrad.graph.Ops.embeddingWindow;
import static org.lanegrad.graph.Ops.layerNorm;
import static org.lanegrad.graph.Ops.multiply;
import static org.lanegrad.graph.Ops.product;
import static org.lanegrad.graph.Ops.scale;
import static org.lanegrad.graph.Ops.softmax;
import static org.lanegrad.graph.Ops.sum;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Gelu;
import org.lanegrad.activation.Identity;
import org.lanegrad.activation.Relu;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Op;
import org.lanegrad.graph.Operands;
import org.lanegrad.graph.Ops;
import org.lanegrad.graph.Over;
import org.lanegrad.graph.Scratch;
import org.lanegrad.graph.Session;
import org.lanegrad.graph.Shape;

/**
 * Serving: the graph's bits, whatever the batch, the thread, the parts and the form of the data.
 */
class ModelTest {
  private static final int INPUTS = 37;
  private static final int OUTPUTS = 10;

  private final Graph graph = new Graph();
  private final Node x = graph.input("x", INPUTS);
  private final Node y = network();
  private final Matrix data = matrix(301, INPUTS, 9);
  private final Matrix expected = expected();

  /**
   * Layers, a residual connection, a norm, a product with a transposed matrix, folded constants.
   */
  private Node network() {
    Node w1 = graph.parameter("w1", matrix(INPUTS, 64, 1));
    Node b1 = graph.parameter("b1", matrix(1, 64, 2));
    Node w2 = graph.parameter("w2", matrix(64, 64, 3));
    Node gamma = graph.parameter("gamma", matrix(1, 64, 4));
    Node beta = graph.parameter("beta", matrix(1, 64, 5));
    Node w3 = graph.parameter("w3", matrix(OUTPUTS, 64, 6));
    Node hidden = dense(x, w1, b1, new Relu()).named("hidden");
    // a layer whose weights are computed from parameters: 0.5·w2, once
    Node scaled = scale(0.5f, w2);
    Node more = add(hidden, activation(new Gelu(), product(hidden, scaled)));
    Node normal = layerNorm(more, gamma, beta, 1e-5f);
    Node halves = concat(columns(normal, 32, 32), columns(normal, 0, 32));
    return softmax(product(halves, false, w3, true)).named("scores");
  }

  private Matrix expected() {
    Session session = graph.session(y).bind(x, data).run();
    Matrix all = Matrix.zeros(data.rows(), OUTPUTS);
    for (int i = 0; i < data.rows(); i++) {
      for (int j = 0; j < OUTPUTS; j++) {
        all.set(i, j, session.value(y).get(i, j));
      }
    }
    return all;
  }

  private static Matrix matrix(int rows, int columns, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Matrix matrix = Matrix.zeros(rows, columns);
    for (int i = 0; i < rows * columns; i++) {
      matrix.array()[i] = (float) random.nextDouble(-0.5, 0.5);
    }
    return matrix;
  }

  private void assertRows(Matrix actual, int from) {
    for (int i = 0; i < actual.rows(); i++) {
      for (int j = 0; j < OUTPUTS; j++) {
        assertThat(actual.get(i, j))
            .as("row %d, column %d", i, j)
            .isEqualTo(expected.get(from + i, j));
      }
    }
  }

  @Test
  void anyNumberOfRowsGivesTheGraphsBits() {
    ModelSession session = Model.of(x, y).session(32);
    for (int rows : new int[] {1, 0, 5, 32, 33, 64, 301, 2}) {
      Matrix scores = Matrix.zeros(rows, OUTPUTS);
      session.run(data.rowRange(0, rows), scores);
      assertRows(scores, 0);
    }
    Matrix last = Matrix.of(new float[100], 3, 4, OUTPUTS, 20);
    session.run(data.rowRange(297, 4), last);
    assertRows(last, 297);
  }

  @Test
  void transposedViewsAndGapsAreInputs() {
    Matrix columns = Matrix.zeros(INPUTS, 7);
    for (int i = 0; i < 7; i++) {
      for (int j = 0; j < INPUTS; j++) {
        columns.set(j, i, data.get(i, j));
      }
    }
    Matrix scores = Matrix.zeros(7, OUTPUTS);
    Model.of(x, y).session(4).run(columns.transposed(), scores);
    assertRows(scores, 0);
  }

  @Test
  void aModelKeepsTheParametersThatItWasMadeWith() {
    Model model = Model.of(x, y);
    for (Node node : graph.nodes()) {
      if (node.value() != null) {
        Arrays.fill(node.value().array(), 7f);
      }
    }
    Matrix scores = Matrix.zeros(20, OUTPUTS);
    model.session(20).run(data.rowRange(0, 20), scores);
    assertRows(scores, 0);
  }

  @Test
  void weightsArePackedAndConstantsFolded() {
    Model model = Model.of(x, y);
    List<String> ops =
        model.graph().nodes().stream().filter(n -> n.op() != null).map(n -> n.op().name()).toList();
    assertThat(ops).filteredOn(name -> name.startsWith("packed")).hasSize(3);
    assertThat(ops).doesNotContain("dense", "product", "affine");
    assertThat(model.toString())
        .startsWith("model from x (37 columns) to scores (10 columns), ")
        .contains("hidden");
  }

  @Test
  void halvedWeightsGiveTheBitsOfTheRoundedOnes() {
    Graph small = new Graph();
    Node in = small.input("in", INPUTS);
    Matrix w = matrix(INPUTS, 20, 11);
    Node out = product(in, small.parameter("w", w));
    Matrix rounded = Matrix.zeros(INPUTS, 20);
    for (int i = 0; i < w.array().length; i++) {
      int bits = Float.floatToRawIntBits(w.array()[i]);
      bits += 0x7fff + (bits >>> 16 & 1);
      rounded.array()[i] = Float.intBitsToFloat(bits & 0xffff0000);
    }
    Graph other = new Graph();
    Node in2 = other.input("in", INPUTS);
    Node out2 = product(in2, other.parameter("w", rounded));
    Matrix actual = Matrix.zeros(9, 20);
    Matrix exact = Matrix.zeros(9, 20);
    Model.halved(in, out).session(9).run(data.rowRange(0, 9), actual);
    Model.of(in2, out2).session(9).run(data.rowRange(0, 9), exact);
    assertThat(actual.array()).isEqualTo(exact.array());
  }

  @Test
  void aRunAllocatesNothing() {
    ModelSession session = Model.of(x, y).session(64);
    Matrix[] inputs = {data.rowRange(0, 64), data.rowRange(7, 1), data.rowRange(3, 40), data};
    Matrix[] outputs = new Matrix[inputs.length];
    Arrays.setAll(outputs, i -> Matrix.zeros(inputs[i].rows(), OUTPUTS));
    FloatBuffer from = FloatBuffer.wrap(data.array(), 0, 50 * INPUTS);
    FloatBuffer to = FloatBuffer.allocate(50 * OUTPUTS);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long id = Thread.currentThread().threadId();
    // until C2 has compiled the kernels their vectors are objects
    long end = System.nanoTime() + 60_000_000_000L;
    int calm = 0;
    while (calm < 50 && System.nanoTime() < end) {
      long before = threads.getThreadAllocatedBytes(id);
      for (int i = 0; i < 3; i++) {
        session.run(inputs[i], outputs[i]);
      }
      session.run(from, to);
      calm = threads.getThreadAllocatedBytes(id) == before ? calm + 1 : 0;
    }
    assertThat(calm).isEqualTo(50);
    session.run(inputs[3], outputs[3]);
    long before = threads.getThreadAllocatedBytes(id);
    session.run(inputs[3], outputs[3]);
    assertThat(threads.getThreadAllocatedBytes(id) - before).isZero();
  }

  @Test
  void buffersAndSegmentsGiveTheSameBits() {
    ModelSession session = Model.of(x, y).session(16);
    FloatBuffer in = FloatBuffer.wrap(data.array()).slice(2 * INPUTS, 50 * INPUTS);
    FloatBuffer out = FloatBuffer.allocate(50 * OUTPUTS + 3).position(3);
    session.run(in, out);
    assertThat(in.position()).isZero();
    assertThat(out.position()).isEqualTo(3);
    assertRows(Matrix.of(out.array(), 3, 50, OUTPUTS, OUTPUTS), 2);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment from = arena.allocate(50L * INPUTS * 4);
      MemorySegment to = arena.allocate(50L * OUTPUTS * 4);
      MemorySegment.copy(data.array(), 2 * INPUTS, from, ValueLayout.JAVA_FLOAT, 0, 50 * INPUTS);
      session.run(from, to);
      assertRows(Matrix.of(to.toArray(ValueLayout.JAVA_FLOAT), 50, OUTPUTS), 2);
    }
  }

  @Test
  void partsOnOtherThreadsGiveTheSameBits() {
    SessionPool pool = Model.of(x, y).sessions(3);
    try (ExecutorService executor = Executors.newFixedThreadPool(2)) {
      for (int parts : new int[] {1, 2, 3, 7, 1000}) {
        Matrix scores = Matrix.zeros(301, OUTPUTS);
        pool.run(data, scores, executor, parts);
        assertRows(scores, 0);
      }
    }
    Matrix scores = Matrix.zeros(301, OUTPUTS);
    pool.run(
        data,
        scores,
        task -> {
          throw new RejectedExecutionException("busy");
        },
        4);
    assertRows(scores, 0);
    pool.run(data, scores, task -> {}, 4);
    assertRows(scores, 0);
  }

  @Test
  void manyThreadsOnAFewSessionsEachGetTheirOwnAnswers()
      throws InterruptedException, ExecutionException {
    SessionPool pool = Model.of(x, y).sessions(2);
    try (ExecutorService executor = Executors.newFixedThreadPool(16)) {
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < 100; t++) {
        int from = 3 * t;
        all.add(
            executor.submit(
                () -> {
                  for (int i = 0; i < 50; i++) {
                    Matrix scores = Matrix.zeros(1 + (from + i) % 3, OUTPUTS);
                    pool.run(data.rowRange(from, scores.rows()), scores);
                    assertRows(scores, from);
                  }
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
  }

  /** The identity, once somebody lets it go on. */
  private record Gate(CountDownLatch entered, CountDownLatch open) implements Op {
    @Override
    public String name() {
      return "gate";
    }

    @Override
    public List<Shape> shapes(List<Shape> inputs) {
      return inputs;
    }

    @Override
    public void run(Operands in, Operands out, Scratch scratch) {
      entered.countDown();
      try {
        open.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      out.matrix(0).set(0, 0, in.matrix(0).get(0, 0));
    }
  }

  @Test
  void anInterruptedThreadDoesNotWaitForASession() throws InterruptedException, ExecutionException {
    Gate gate = new Gate(new CountDownLatch(1), new CountDownLatch(1));
    Graph small = new Graph();
    Node in = small.input("in", 1);
    SessionPool pool = Model.of(in, small.apply(gate, in)).sessions(1);
    Matrix one = Matrix.of(new float[] {3}, 1, 1);
    Matrix answer = Matrix.zeros(1, 1);
    try (ExecutorService executor = Executors.newFixedThreadPool(1)) {
      Future<?> other = executor.submit(() -> pool.run(one, answer));
      gate.entered.await();
      Thread.currentThread().interrupt();
      assertThatIllegalStateException()
          .isThrownBy(() -> pool.run(one, Matrix.zeros(1, 1)))
          .withMessageContaining("interrupted while waiting");
      assertThat(Thread.interrupted()).isTrue();
      gate.open.countDown();
      other.get();
    }
    assertThat(answer.get(0, 0)).isEqualTo(3f);
  }

  @Test
  void aModelOfWords() {
    Graph words = new Graph();
    Node window = words.ints("window", 3);
    Node table = words.parameter("table", matrix(11, 5, 12));
    Node w = words.parameter("w", matrix(15, 4, 13));
    Node out = product(embeddingWindow(table, window), w);
    int[] given = {1, 2, 3, 4, 5, 6};
    Matrix exact = words.session(out).bind(window, given).run().value(out);
    Matrix actual = Matrix.zeros(2, 4);
    ModelSession session = Model.of(window, out).session(8);
    session.run(given, actual);
    assertThat(actual.array())
        .isEqualTo(Arrays.copyOfRange(exact.array(), exact.offset(), exact.offset() + 8));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> session.run(Matrix.zeros(2, 3), actual))
        .withMessage("x is a Matrix, expected ints: the model reads words");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> session.run(new int[5], actual))
        .withMessage("words.length is 5, expected 6, as y.rows · inputs");
  }

  @Test
  void whatIsNoModelIsRefused() {
    Node mean = sum(x, Over.ROWS);
    Node centred = add(x, mean);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Model.of(x, centred))
        .withMessageContaining("is computed from all rows of a batch");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Model.of(x, mean))
        .withMessageContaining("expected a row of numbers for each example");
    Node other = graph.input("other", INPUTS);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Model.of(x, multiply(x, other)))
        .withMessageContaining("the output needs other: ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Model.of(other, y))
        .withMessageContaining("the output needs x: ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Model.of(y, y))
        .withMessageContaining("expected an input with a row for each example");
    assertThatNullPointerException()
        .isThrownBy(() -> Model.of(null, y))
        .withMessage("input is null, expected a Node");
  }

  @Test
  void wrongArgumentsAreNamed() {
    ModelSession session = Model.of(x, y).session(4);
    Matrix scores = Matrix.zeros(3, OUTPUTS);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> session.run(Matrix.zeros(3, 36), scores))
        .withMessage("x.columns is 36, expected 37, as the model's inputs");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> session.run(data, scores))
        .withMessage("y.rows is 3, expected 301, as x.rows");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> session.run(FloatBuffer.allocate(38), FloatBuffer.allocate(10)))
        .withMessage("x holds 38 floats, expected a multiple of the model's inputs, 37");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> session.run(FloatBuffer.allocate(74), FloatBuffer.allocate(10)))
        .withMessage("floats of y is 10, expected 20, as rows · outputs");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Model.of(x, y).session(0))
        .withMessage("maxRows is 0, expected 1 or more");
    assertThatNullPointerException()
        .isThrownBy(() -> session.run(data, null))
        .withMessage("y is null, expected a Matrix");
  }

  @Test
  void aLinearModelWarmsUpAndSaysWhatItReached() {
    Graph small = new Graph();
    Node in = small.input("in", 3);
    Node out =
        dense(
            in,
            small.parameter("w", matrix(3, 2, 1)),
            small.parameter("b", matrix(1, 2, 2)),
            new Identity());
    Model.WarmUpResult result = Model.of(in, out).warmUp();
    assertThat(result.microsForOneRow()).isBetween(0.001, 10_000.0);
    assertThat(result.rowsPerSecond()).isGreaterThan(100);
    assertThat(result.toString()).startsWith("warm after ");
  }

  @Test
  void outputsThatOverlapAnotherPartsInputsAreRefusedBeforeAnythingIsComputed() {
    Graph small = new Graph();
    Node in = small.input("in", 2);
    SessionPool pool = Model.of(in, scale(2f, in)).sessions(2);
    Matrix all = Matrix.zeros(36, 2);
    Arrays.fill(all.array(), 1f);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pool.run(all.rowRange(0, 24), all.rowRange(12, 24), Runnable::run, 2))
        .withMessageContaining("y overlaps x");
    assertThat(all.array()).containsOnly(1f);
    Matrix result = Matrix.zeros(36, 2);
    pool.run(all, result, Runnable::run, Integer.MAX_VALUE);
    assertThat(result.array()).containsOnly(2f);
  }

  @Test
  void anExecutorThatFailsLeavesNoPartBehind() {
    SessionPool pool = Model.of(x, y).sessions(2);
    Matrix scores = Matrix.zeros(301, OUTPUTS);
    pool.run(
        data,
        scores,
        task -> {
          throw new IllegalStateException("broken");
        },
        4);
    assertRows(scores, 0);
    Thread.currentThread().interrupt();
    pool.run(data, scores, Runnable::run, 4);
    assertThat(Thread.interrupted()).isTrue();
    assertRows(scores, 0);
  }

  @Test
  void anInputIsNoOutputAndAnotherGraphsIsNoInput() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Model.of(x, x))
        .withMessageContaining("expected a row of numbers for each example");
    Node other = new Graph().input("x", 5);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Model.of(other, y))
        .withMessageContaining("is of another graph than x");
  }

  @Test
  void gradientsOfMeansAreFrozenAndAreNoModels() {
    Graph small = new Graph();
    Node in = small.input("in", 2);
    Node w = small.parameter("w", matrix(2, 3, 1));
    Node two = small.constant(2f).named("two");
    Node loss = Ops.mean(Ops.square(product(in, activation(new Relu(), w))), Over.ALL);
    Node dx = multiply(small.gradient(loss, in).get(0), two).named("2.0");
    Graph frozen = small.frozen(false, dx);
    Matrix points = matrix(7, 2, 2);
    Matrix exact = small.session(dx).bind(in, points).run().value(dx);
    Node frozenDx = frozen.node("2.0");
    Matrix actual = frozen.session(frozenDx).bind(frozen.node("in"), points).run().value(frozenDx);
    for (int i = 0; i < 14; i++) {
      assertThat(actual.get(i / 2, i % 2)).isEqualTo(exact.get(i / 2, i % 2));
    }
    assertThat(frozen.nodes().stream().map(n -> n.op() == null ? "" : n.op().name()))
        .contains("packed product")
        .doesNotContain("relu");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Model.of(in, dx))
        .withMessageContaining("computed from all rows of a batch");
  }

  @Test
  void sessionsOfAnySizeTakeBuffers() {
    ModelSession session = Model.of(x, y).session(Integer.MAX_VALUE);
    for (int rows : new int[] {3, 0, 7, 5}) {
      FloatBuffer out = FloatBuffer.allocate(rows * OUTPUTS);
      session.run(FloatBuffer.wrap(data.array(), 0, rows * INPUTS), out);
      assertRows(Matrix.of(out.array(), rows, OUTPUTS), 0);
    }
  }
}
