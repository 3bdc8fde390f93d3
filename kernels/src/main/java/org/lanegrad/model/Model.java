package org.lanegrad.model;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Shape;

/**
 * A network to serve: one input of a row for each example, one output of a row for each, and
 * parameters that are copied and packed once. Immutable, and shared by all threads.
 *
 * <pre>{@code
 * Model model = Model.of(x, logits);                 // two nodes of a graph
 * model.warmUp();                                    // once, when the service starts
 * ModelSession session = model.session(256);         // each thread has its own
 * session.run(images, scores);                       // any number of rows, nothing is allocated
 *
 * SessionPool pool = model.sessions(8);              // or threads share so many
 * pool.run(images, scores);
 * pool.run(images, scores, executor, 4);             // the rows in four parts, on threads of yours
 * }</pre>
 *
 * <p>A row's bits depend neither on the rows beside it nor on the thread, the number of parts or
 * the session; they are those of the graph.
 */
public final class Model {
  private static final int CALM_ROUNDS = 5;
  private static final long ROUND_NANOS = 5_000_000;

  /** However busy the compiler is, a service has to start. */
  private static final long PATIENCE_NANOS = 20_000_000_000L;

  /** Bytes: a product may make a view of its workspace once a round. */
  private static final int ONE_VIEW = 200;

  private final Graph graph;
  private final Node input;
  private final Node output;

  private Model(Node input, Node output, boolean halved) {
    Check.notNull("input", input, "a Node");
    Check.notNull("output", output, "a Node");
    if (!input.isInput() || !input.shape().isBatch() || input.shape().rows() != 1) {
      throw new IllegalArgumentException(
          "the input of a model is " + input + ", expected an input with a row for each example");
    }
    if (input.graph() != output.graph()) {
      throw new IllegalArgumentException(output + " is of another graph than " + input);
    }
    Shape rows = output.shape();
    if (output.op() == null
        || !rows.isBatch()
        || rows.rows() != 1
        || rows.kind() != Shape.Kind.FLOATS) {
      throw new IllegalArgumentException(
          "the output of a model is " + output + ", expected a row of numbers for each example");
    }
    graph = output.graph().frozen(halved, output);
    graph.nodes().forEach(node -> checkNode(node, input));
    if (graph.nodes().stream().noneMatch(Node::isInput)) {
      throw new IllegalArgumentException(
          output.name() + " does not depend on " + input.name() + ", the input");
    }
    this.input = graph.node(input.name());
    this.output = graph.node(output.name());
  }

  private static void checkNode(Node node, Node input) {
    if (node.isInput() && !node.name().equals(input.name())) {
      throw new IllegalArgumentException(
          "the output needs " + node + " as well, expected " + input.name() + " to be all");
    }
    boolean mixesRows =
        node.op() != null
            && !node.shape().isBatch()
            && (node.op().readsBatch()
                || node.inputs().stream().anyMatch(from -> from.shape().isBatch()));
    if (mixesRows) {
      throw new IllegalArgumentException(
          node
              + " is computed from all rows of a batch: what a row is answered would depend on the"
              + " others");
    }
  }

  /**
   * What computes an output from an input, with the parameters as they are now.
   *
   * @throws NullPointerException if a node is null
   * @throws IllegalArgumentException if the output needs another input, has no row for each
   *     example, or depends on all rows of a batch at once
   */
  public static Model of(Node input, Node output) {
    return new Model(input, output, false);
  }

  /**
   * The same with weights rounded to bfloat16: half the memory, and a single row in about half the
   * time where weights exceed the caches.
   */
  public static Model halved(Node input, Node output) {
    return new Model(input, output, true);
  }

  /** The number of columns of the input. */
  public int inputs() {
    return input.shape().columns();
  }

  /** The number of columns of the output. */
  public int outputs() {
    return output.shape().columns();
  }

  /** Floating-point operations of a run of so many rows. */
  public double flops(int rows) {
    return graph.flops(rows, output);
  }

  /** Whether the input is ints: labels or words. */
  public boolean takesInts() {
    return input.shape().kind() == Shape.Kind.INTS;
  }

  /** Throws unless rows of x can be computed into y. */
  void check(Matrix x, Matrix y) {
    Check.notNull("x", x, "a Matrix");
    Check.notNull("y", y, "a Matrix");
    if (takesInts()) {
      throw new IllegalArgumentException("x is a Matrix, expected ints: the model reads words");
    }
    Check.equal("x.columns", x.columns(), "the model's inputs", inputs());
    Check.equal("y.columns", y.columns(), "the model's outputs", outputs());
    Check.equal("y.rows", y.rows(), "x.rows", x.rows());
    Check.stored("y", y.isTransposed());
    Check.separate("y", "x", y.overlaps(x));
  }

  Graph graph() {
    return graph;
  }

  Node input() {
    return input;
  }

  Node output() {
    return output;
  }

  /**
   * A session for one thread.
   *
   * @param maxRows the most rows that it computes at a time, which its memory grows with; a run of
   *     more goes in blocks of so many
   */
  public ModelSession session(int maxRows) {
    return new ModelSession(this, maxRows);
  }

  /** So many sessions of up to 256 rows at a time, for any number of threads. */
  public SessionPool sessions(int count) {
    return new SessionPool(this, count, 256);
  }

  /**
   * Brings batches of 1 to 64 rows to compiled code, so that a run allocates nothing.
   *
   * @return how long it took and what it reached
   */
  public WarmUpResult warmUp() {
    long start = System.nanoTime();
    ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    threads.setThreadAllocatedMemoryEnabled(true);
    long single = 0;
    long batch = 0;
    for (int rows : new int[] {1, 2, 3, 7, 12, 16, 33, 64, 1}) {
      long nanos = steady(threads, run(rows), start + PATIENCE_NANOS);
      single = rows == 1 ? nanos : single;
      batch = rows == 64 ? nanos : batch;
    }
    return new WarmUpResult(
        Duration.ofNanos(System.nanoTime() - start), single / 1e3, 64 / (batch / 1e9));
  }

  /**
   * Runs until rounds allocate nothing and take as long as the best of those before them. Until C2
   * has compiled a kernel its vectors are objects, so what still allocates is not ready, however
   * even its rounds are; on a machine of one core the compiler needs its time as well.
   */
  private static long steady(ThreadMXBean threads, Runnable run, long end) {
    long best = Long.MAX_VALUE;
    for (int calm = 0; calm < CALM_ROUNDS; ) {
      int runs = 0;
      long before = threads.getCurrentThreadAllocatedBytes();
      long start = System.nanoTime();
      do {
        run.run();
        runs++;
      } while (System.nanoTime() - start < ROUND_NANOS);
      long took = System.nanoTime() - start;
      boolean allocates = threads.getCurrentThreadAllocatedBytes() - before > ONE_VIEW;
      long nanos = took / runs;
      calm = !allocates && nanos > best * 0.97 ? calm + 1 : 0;
      best = allocates ? best : Math.min(best, nanos);
      if (System.nanoTime() > end) {
        return Math.min(best, nanos);
      }
      if (allocates) {
        LockSupport.parkNanos(took);
      }
    }
    return best;
  }

  private Runnable run(int rows) {
    ModelSession session = session(rows);
    Matrix y = Matrix.zeros(rows, outputs());
    if (takesInts()) {
      int[] ints = new int[rows * inputs()];
      return () -> session.run(ints, y);
    }
    Matrix x = Matrix.zeros(rows, inputs());
    return () -> session.run(x, y);
  }

  /**
   * What a warm-up came to.
   *
   * @param took how long it took
   * @param microsForOneRow microseconds for a single row at its end
   * @param rowsPerSecond rows a second in batches of 64 at its end, on one thread
   */
  public record WarmUpResult(Duration took, double microsForOneRow, double rowsPerSecond) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "warm after %.1f s: one row in %.1f µs, %.0f rows a second in batches of 64",
          took.toMillis() / 1e3,
          microsForOneRow,
          rowsPerSecond);
    }
  }

  /** A line for each node, with its work and memory for one row. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "model from %s (%d columns) to %s (%d columns), %.0f flops a row%n%s",
        input.name(),
        inputs(),
        output.name(),
        outputs(),
        graph.flops(1, output),
        graph);
  }
}
