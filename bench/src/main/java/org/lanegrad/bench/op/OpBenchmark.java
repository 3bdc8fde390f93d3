package org.lanegrad.bench.op;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.lanegrad.Lanegrad;
import org.lanegrad.verification.BoundOp;
import org.lanegrad.verification.catalog.OpCatalog;
import org.lanegrad.verification.catalog.OpSpec;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One pass of one op at one of its three benchmark sizes, with all other ops warmed up too. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class OpBenchmark {
  private static final AtomicBoolean WARM = new AtomicBoolean();

  /** The op's name in the catalog; the runner gives all of them. */
  @Param("relu")
  public String op;

  /** 0, 1 or 2. */
  @Param({"0", "1", "2"})
  public int size;

  private BoundOp bound;

  /** Makes the arrays; once a JVM, warms up everything. */
  @Setup
  public void setUp() {
    if (WARM.compareAndSet(false, true)) {
      Lanegrad.warmUp();
    }
    OpSpec spec = OpCatalog.named(op);
    bound = new BoundOp(spec, spec.benchmarkShapes().get(size));
  }

  /** The forward pass. */
  @Benchmark
  public float forward() {
    bound.forward();
    return bound.result();
  }

  /** The backward pass. */
  @Benchmark
  public float backward() {
    bound.backward();
    return bound.result();
  }
}
