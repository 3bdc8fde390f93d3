package org.lanegrad.bench.gate;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.lanegrad.Lanegrad;
import org.lanegrad.verification.BoundOp;
import org.lanegrad.verification.catalog.OpCatalog;
import org.lanegrad.verification.catalog.OpSpec;
import org.lanegrad.verification.catalog.Shape;
import org.lanegrad.verification.jit.ThreadTime;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Both passes of one op in turns, a batch of each, so that a slow moment of the machine meets both.
 * Several layouts of the arrays take turns too, an iteration each, since a layout moves the time of
 * a memory-bound op by half and more. A batch goes round a ring of inputs, as many of a small size
 * as do the work of the largest: given one small input again and again, a processor learns the
 * outcome of every branch (a Zen 5 those of 16,384 elements), and only the larger sizes pay for
 * mispredictions, six times the rest of the work in the scalar loop of ReLU.
 *
 * <p>Time is the thread's own ({@link ThreadTime}): by the clock on the wall of a machine with more
 * to run than cores the longer pass is put aside more often, and the backward pass of a dense layer
 * took 4.7 times its forward pass, where it takes 2.1.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PairBenchmark {
  private static final int LAYOUTS = 3;
  private static final int LONGEST_RING = 64;
  private static final long BATCH_NANOS = 60_000;

  /** Done once a JVM, whichever op is first. */
  private static final class Warm {
    static final long NANOS = Lanegrad.warmUp().toNanos();
  }

  /** The op's name in the catalog. */
  @Param("relu")
  public String op;

  /** 0, 1 or 2. */
  @Param({"0", "1", "2"})
  public int size;

  private BoundOp[][] rings;
  private int layout;
  private int repeats;

  /** Nanoseconds of both passes, added up over an iteration. */
  @AuxCounters(AuxCounters.Type.EVENTS)
  @State(Scope.Thread)
  public static class Nanos {
    /** Of all forward passes. */
    public double forward;

    /** Of all backward passes. */
    public double backward;

    /** How many passes of each. */
    public double passes;
  }

  /** Makes the arrays, and finds how many passes make a batch. */
  @Setup
  public void setUp() {
    if (Warm.NANOS < 0) {
      throw new IllegalStateException("the clock runs backwards");
    }
    OpSpec spec = OpCatalog.named(op);
    rings = new BoundOp[LAYOUTS][ringLength(spec)];
    for (int i = 0; i < LAYOUTS; i++) {
      for (int j = 0; j < rings[i].length; j++) {
        rings[i][j] = new BoundOp(spec, spec.benchmarkShapes().get(size), i + LAYOUTS * j);
        rings[i][j].forward();
        rings[i][j].backward();
      }
    }
    long start = System.nanoTime();
    int passes = 0;
    while (System.nanoTime() - start < 10 * BATCH_NANOS) {
      BoundOp bound = rings[0][passes % rings[0].length];
      bound.forward();
      bound.backward();
      passes++;
    }
    repeats = Math.max(rings[0].length, passes / 5);
  }

  private int ringLength(OpSpec spec) {
    List<Shape> shapes = spec.benchmarkShapes();
    double largest = spec.cost().apply(shapes.getLast()).forwardFlops();
    double own = spec.cost().apply(shapes.get(size)).forwardFlops();
    return (int) Math.clamp(largest / own, 1, LONGEST_RING);
  }

  /** The next layout. */
  @Setup(Level.Iteration)
  public void turn() {
    layout = (layout + 1) % LAYOUTS;
  }

  /** A batch of forward passes, then one of backward passes. */
  @Benchmark
  public float pair(Nanos nanos) {
    BoundOp[] ring = rings[layout];
    long start = ThreadTime.nanos();
    for (int i = 0; i < repeats; i++) {
      ring[i % ring.length].forward();
    }
    long middle = ThreadTime.nanos();
    for (int i = 0; i < repeats; i++) {
      ring[i % ring.length].backward();
    }
    long end = ThreadTime.nanos();
    nanos.forward += middle - start;
    nanos.backward += end - middle;
    nanos.passes += repeats;
    return ring[0].result();
  }
}
