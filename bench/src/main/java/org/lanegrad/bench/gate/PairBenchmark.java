package org.lanegrad.bench.gate;

import java.util.concurrent.TimeUnit;
import org.lanegrad.Lanegrad;
import org.lanegrad.verification.BoundOp;
import org.lanegrad.verification.catalog.OpCatalog;
import org.lanegrad.verification.catalog.OpSpec;
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
 * a memory-bound op by half and more.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PairBenchmark {
  private static final int LAYOUTS = 5;
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

  private final BoundOp[] layouts = new BoundOp[LAYOUTS];
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
    for (int i = 0; i < LAYOUTS; i++) {
      layouts[i] = new BoundOp(spec, spec.benchmarkShapes().get(size), i);
      layouts[i].forward();
      layouts[i].backward();
    }
    long start = System.nanoTime();
    int passes = 0;
    while (System.nanoTime() - start < 10 * BATCH_NANOS) {
      layouts[0].forward();
      layouts[0].backward();
      passes++;
    }
    repeats = Math.max(1, passes / 5);
  }

  /** The next layout. */
  @Setup(Level.Iteration)
  public void turn() {
    layout = (layout + 1) % LAYOUTS;
  }

  /** A batch of forward passes, then one of backward passes. */
  @Benchmark
  public float pair(Nanos nanos) {
    BoundOp bound = layouts[layout];
    long start = System.nanoTime();
    for (int i = 0; i < repeats; i++) {
      bound.forward();
    }
    long middle = System.nanoTime();
    for (int i = 0; i < repeats; i++) {
      bound.backward();
    }
    long end = System.nanoTime();
    nanos.forward += middle - start;
    nanos.backward += end - middle;
    nanos.passes += repeats;
    return bound.result();
  }
}
