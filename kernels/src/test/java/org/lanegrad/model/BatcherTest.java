package org.lanegrad.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.lanegrad.graph.Ops.dense;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Relu;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Op;
import org.lanegrad.graph.Operands;
import org.lanegrad.graph.Scratch;
import org.lanegrad.graph.Shape;

/** Single rows of many threads in batches: every answer right, bit for bit. */
class BatcherTest {
  private static final int INPUTS = 19;
  private static final int OUTPUTS = 7;

  private final AtomicInteger runs = new AtomicInteger();
  private final Graph graph = new Graph();
  private final Node x = graph.input("x", INPUTS);
  private final Node y =
      graph.apply(
          new Counted(runs),
          dense(
              x,
              graph.parameter("w", Initial.he(INPUTS, OUTPUTS, 1)),
              graph.parameter("b", Initial.uniform(Matrix.zeros(1, OUTPUTS), 1, 2)),
              new Relu()));
  private final Model model = Model.of(x, y);

  /** The identity, which counts its runs and refuses a row whose first element is above 1000. */
  private record Counted(AtomicInteger runs) implements Op {
    @Override
    public String name() {
      return "counted";
    }

    @Override
    public List<Shape> shapes(List<Shape> inputs) {
      return inputs;
    }

    @Override
    public void run(Operands in, Operands out, Scratch scratch) {
      runs.incrementAndGet();
      Matrix from = in.matrix(0);
      for (int i = 0; i < from.rows(); i++) {
        if (from.get(i, 0) > 1000) {
          throw new IllegalArgumentException("too large");
        }
        for (int j = 0; j < from.columns(); j++) {
          out.matrix(0).set(i, j, from.get(i, j));
        }
      }
    }
  }

  private float[] row(int number) {
    return Initial.uniform(Matrix.zeros(1, INPUTS), 1, number).array();
  }

  private float[] expected(int number) {
    float[] answer = new float[OUTPUTS];
    model.session(1).run(Matrix.of(row(number), 1, INPUTS), Matrix.of(answer, 1, OUTPUTS));
    return answer;
  }

  /** A second of it; {@code -Dlanegrad.seconds=60} for a minute. */
  @Test
  void aHundredThreadsOnOneModelAndThroughTheBatcherAlwaysGetTheirOwnBits()
      throws InterruptedException, ExecutionException {
    long end = System.nanoTime() + Long.getLong("lanegrad.seconds", 1) * 1_000_000_000L;
    SessionPool pool = model.sessions(4);
    AtomicLong rows = new AtomicLong();
    try (Batcher batcher = new Batcher(model, 32, Duration.ofMillis(1), 2);
        ExecutorService executor = Executors.newFixedThreadPool(100)) {
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < 100; t++) {
        int number = t;
        float[] in = row(number);
        float[] answer = expected(number);
        all.add(
            executor.submit(
                () -> {
                  float[] out = new float[OUTPUTS];
                  Matrix x = Matrix.of(in, 1, INPUTS);
                  while (System.nanoTime() < end) {
                    Matrix y = Matrix.zeros(1, OUTPUTS);
                    pool.run(x, y);
                    assertThat(y.array()).isEqualTo(answer);
                    batcher.run(in, out);
                    assertThat(out).isEqualTo(answer);
                    rows.addAndGet(2);
                  }
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
    assertThat(rows.get()).isGreaterThanOrEqualTo(200);
  }

  @Test
  void aHundredThreadsEachGetTheirOwnAnswersAndFewerRunsThanRows()
      throws InterruptedException, ExecutionException {
    float[][] answers = new float[100][];
    for (int t = 0; t < 100; t++) {
      answers[t] = expected(t);
    }
    runs.set(0);
    try (Batcher batcher = new Batcher(model, 16, Duration.ofMillis(5), 2);
        ExecutorService executor = Executors.newFixedThreadPool(100)) {
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < 100; t++) {
        int number = t;
        all.add(
            executor.submit(
                () -> {
                  float[] in = row(number);
                  float[] out = new float[OUTPUTS];
                  for (int i = 0; i < 100; i++) {
                    batcher.run(in, out);
                    assertThat(out).isEqualTo(answers[number]);
                  }
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
    assertThat(runs.get()).isBetween(10_000 / 16, 2_500);
  }

  @Test
  void aRowAloneWaitsNoLongerThanTheDelay() {
    try (Batcher batcher = new Batcher(model, 16, Duration.ofMillis(20), 1)) {
      float[] out = new float[OUTPUTS];
      long start = System.nanoTime();
      batcher.run(row(3), out);
      assertThat(System.nanoTime() - start).isBetween(19_000_000L, 5_000_000_000L);
      assertThat(out).isEqualTo(expected(3));
    }
  }

  @Test
  void aRowThatFailsFailsAlone() throws InterruptedException, ExecutionException {
    float[] wrong = new float[INPUTS];
    for (int j = 0; j < INPUTS; j++) {
      wrong[j] = graph.node("w").value().get(j, 0) > 0 ? 1e9f : -1e9f;
    }
    try (Batcher batcher = new Batcher(model, 3, Duration.ofSeconds(20), 1);
        ExecutorService executor = Executors.newFixedThreadPool(3)) {
      float[][] outs = new float[3][OUTPUTS];
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < 3; t++) {
        int number = t;
        all.add(
            executor.submit(() -> batcher.run(number == 1 ? wrong : row(number), outs[number])));
      }
      all.get(0).get();
      all.get(2).get();
      assertThat(outs[0]).isEqualTo(expected(0));
      assertThat(outs[2]).isEqualTo(expected(2));
      assertThat(outs[1]).containsOnly(0f);
      try {
        all.get(1).get();
        assertThat(true).as("the wrong row has no answer").isFalse();
      } catch (ExecutionException e) {
        assertThat(e.getCause())
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("too large");
      }
    }
  }

  @Test
  void closingDrainsAndLetsNoMoreIn()
      throws InterruptedException, ExecutionException, TimeoutException {
    Batcher batcher = new Batcher(model, 8, Duration.ofMinutes(10), 1);
    try (ExecutorService executor = Executors.newFixedThreadPool(2)) {
      float[] a = new float[OUTPUTS];
      float[] b = new float[OUTPUTS];
      Future<?> first = executor.submit(() -> batcher.run(row(1), a));
      Future<?> second = executor.submit(() -> batcher.run(row(2), b));
      Thread.sleep(50);
      batcher.close();
      first.get(10, TimeUnit.SECONDS);
      second.get(10, TimeUnit.SECONDS);
      assertThat(a).isEqualTo(expected(1));
      assertThat(b).isEqualTo(expected(2));
    }
    assertThatIllegalStateException()
        .isThrownBy(() -> batcher.run(row(1), new float[OUTPUTS]))
        .withMessage("the batcher is closed");
    batcher.close();
  }

  @Test
  void anInterruptedThreadLeavesAndTheOthersGetTheirAnswers()
      throws InterruptedException, ExecutionException {
    try (Batcher batcher = new Batcher(model, 3, Duration.ofMinutes(10), 1)) {
      float[] a = new float[OUTPUTS];
      float[] c = new float[OUTPUTS];
      try (ExecutorService executor = Executors.newFixedThreadPool(2)) {
        Future<?> leader = executor.submit(() -> batcher.run(row(1), a));
        Thread.sleep(50);
        Thread.currentThread().interrupt();
        assertThatIllegalStateException()
            .isThrownBy(() -> batcher.run(row(2), new float[OUTPUTS]))
            .withMessageContaining("interrupted");
        assertThat(Thread.interrupted()).isTrue();
        Future<?> last = executor.submit(() -> batcher.run(row(3), c));
        leader.get();
        last.get();
      }
      assertThat(a).isEqualTo(expected(1));
      assertThat(c).isEqualTo(expected(3));
    }
  }

  @Test
  void wrongArgumentsAreNamed() {
    try (Batcher batcher = new Batcher(model, 3, Duration.ZERO, 1)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> batcher.run(new float[3], new float[OUTPUTS]))
          .withMessage("x.length is 3, expected 19, as the model's inputs");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> batcher.run(row(1), new float[3]))
          .withMessage("y.length is 3, expected 7, as the model's outputs");
      assertThat(batcher).hasToString("batches of up to 3 rows, or as many as come in 0 µs");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Batcher(model, 0, Duration.ZERO, 1))
        .withMessage("maxRows is 0, expected 1 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Batcher(model, 3, Duration.ofMillis(-1), 1))
        .withMessage("delay is PT-0.001S, expected 0 or more");
  }

  /** Twice its input; a negative number is an error if it stands alone. */
  private record Doubled() implements Op {
    @Override
    public String name() {
      return "doubled";
    }

    @Override
    public List<Shape> shapes(List<Shape> inputs) {
      return inputs;
    }

    @Override
    public void run(Operands in, Operands out, Scratch scratch) {
      Matrix from = in.matrix(0);
      for (int i = 0; i < from.rows(); i++) {
        if (from.get(i, 0) < 0 && from.rows() > 1) {
          throw new IllegalStateException("not together");
        }
        if (from.get(i, 0) < 0) {
          throw new AssertionError("not alone");
        }
        out.matrix(0).set(i, 0, 2 * from.get(i, 0));
      }
    }
  }

  @Test
  void anErrorGivesNobodyTheAnswersOfAnEarlierBatch() throws InterruptedException {
    Graph doubling = new Graph();
    Node in = doubling.input("in", 1);
    Model twice = Model.of(in, doubling.apply(new Doubled(), in));
    try (Batcher batcher = new Batcher(twice, 3, ChronoUnit.FOREVER.getDuration(), 1);
        ExecutorService executor = Executors.newFixedThreadPool(3)) {
      for (float[] rows : new float[][] {{10, 20, 30}, {-1, 5, 6}, {7, 8, 9}}) {
        List<Future<float[]>> all = new ArrayList<>();
        for (float row : rows) {
          all.add(
              executor.submit(
                  () -> {
                    float[] out = new float[1];
                    batcher.run(new float[] {row}, out);
                    return out;
                  }));
        }
        for (int i = 0; i < 3; i++) {
          try {
            assertThat(all.get(i).get()).containsExactly(2 * rows[i]);
          } catch (ExecutionException e) {
            assertThat(rows[i]).isEqualTo(-1f);
            assertThat(e.getCause()).isInstanceOf(AssertionError.class);
          }
        }
      }
    }
  }
}
