package org.lanegrad.bench.gate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.lanegrad.verification.BoundOp;
import org.lanegrad.verification.catalog.OpSpec;
import org.lanegrad.verification.catalog.Shape;

/**
 * Is the backward pass O(forward)? For each op, the ratio backward/forward at three sizes, and the
 * slopes of both against the work in log-log.
 *
 * <p>Both passes are measured in one process, in turns, so that a slow moment of the machine meets
 * both. Several layouts of the arrays take turns too, since a layout moves the time of a
 * memory-bound op by half and more. Each round gives one ratio, and the medians are bootstrapped
 * over the rounds. The ratio is held against the op's work model (flops and bytes), the difference
 * of the slopes against 0.1: a backward pass that forms a Jacobian has one of about 1.
 */
public final class BackwardCostGate {
  /** How much steeper the backward pass may be: what caches and fixed costs do to a slope. */
  public static final double SLOPE_LIMIT = 0.1;

  private static final int LAYOUTS = 5;
  private static final long WARM_UP_NANOS = 40_000_000;
  private static final long BATCH_NANOS = 400_000;

  private final int rounds;

  /** A gate that measures so many rounds at each size; 15 is quick, 41 is calm. */
  public BackwardCostGate(int rounds) {
    if (rounds < 5) {
      throw new IllegalArgumentException("rounds is " + rounds + ", expected 5 or more");
    }
    this.rounds = rounds;
  }

  /**
   * Measures one op; one that fails, or whose intervals are too wide to tell, is measured once more
   * with three times the rounds.
   */
  public GateResult measure(OpSpec spec) {
    GateResult first = measure(spec, rounds);
    return first.passes() && first.isClear() ? first : measure(spec, 3 * rounds);
  }

  private static GateResult measure(OpSpec spec, int rounds) {
    List<Shape> shapes = spec.benchmarkShapes();
    double[][] forward = new double[shapes.size()][rounds];
    double[][] backward = new double[shapes.size()][rounds];
    List<Double> ratioLimits = new ArrayList<>();
    String unit;
    try (Meter meter = Meter.best()) {
      unit = meter.unit();
      for (int s = 0; s < shapes.size(); s++) {
        measure(layouts(spec, shapes.get(s)), meter, forward[s], backward[s]);
        ratioLimits.add(spec.cost().apply(shapes.get(s)).ratioLimit());
      }
    }
    List<Interval> ratios = new ArrayList<>();
    for (int s = 0; s < shapes.size(); s++) {
      ratios.add(ratio(forward[s], backward[s]));
    }
    double[] work = shapes.stream().mapToDouble(s -> spec.cost().apply(s).forwardFlops()).toArray();
    Interval slope =
        Interval.bootstrap(
            rounds, choice -> slope(work, backward, choice) - slope(work, forward, choice));
    return new GateResult(
        spec.name(),
        shapes.stream().map(Shape::toString).toList(),
        ratios,
        ratioLimits,
        slope,
        SLOPE_LIMIT,
        unit);
  }

  private static BoundOp[] layouts(OpSpec spec, Shape shape) {
    BoundOp[] ops = new BoundOp[LAYOUTS];
    Arrays.setAll(ops, i -> new BoundOp(spec, shape, i));
    return ops;
  }

  private static void measure(BoundOp[] layouts, Meter meter, double[] forward, double[] backward) {
    int repeats = warmUp(layouts[0]);
    for (int r = 0; r < forward.length; r++) {
      BoundOp op = layouts[r % layouts.length];
      op.forward();
      op.backward();
      long start = meter.read();
      for (int i = 0; i < repeats; i++) {
        op.forward();
      }
      long middle = meter.read();
      for (int i = 0; i < repeats; i++) {
        op.backward();
      }
      long end = meter.read();
      forward[r] = (double) (middle - start) / repeats;
      backward[r] = (double) (end - middle) / repeats;
    }
  }

  /** Runs both passes for a while; returns how many of them make a batch worth timing. */
  private static int warmUp(BoundOp op) {
    long start = System.nanoTime();
    long now = start;
    int passes = 0;
    while (now - start < WARM_UP_NANOS || passes < 3) {
      op.forward();
      op.backward();
      passes++;
      now = System.nanoTime();
    }
    return (int) Math.max(1, BATCH_NANOS * passes / (now - start));
  }

  private static Interval ratio(double[] forward, double[] backward) {
    double[] ratios = new double[forward.length];
    for (int r = 0; r < ratios.length; r++) {
      ratios[r] = backward[r] / forward[r];
    }
    return Interval.bootstrap(ratios.length, choice -> Interval.median(ratios, choice));
  }

  private static double slope(double[] work, double[][] cost, int[] choice) {
    SimpleRegression line = new SimpleRegression();
    for (int s = 0; s < work.length; s++) {
      line.addData(Math.log(work[s]), Math.log(Interval.median(cost[s], choice)));
    }
    return line.getSlope();
  }
}
