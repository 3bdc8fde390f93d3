package org.lanegrad.bench.gate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.lanegrad.verification.catalog.Cost;
import org.lanegrad.verification.catalog.OpSpec;
import org.lanegrad.verification.catalog.Shape;

/**
 * What the time of both passes says: backward / forward at each size against the op's work model,
 * and how each pass grows against its own.
 *
 * @param op the op's name
 * @param sizes the shapes, growing
 * @param ratios backward / forward at each size; at a size where the forward pass is irregular, the
 *     forward time is what its neighbours say
 * @param ratioLimits the largest ratio that the work model allows at each size
 * @param forwardSlope the exponent of the forward pass's time in its model's work
 * @param backwardSlope that of the backward pass
 * @param irregular what is wrong with the forward pass at one size; "" if nothing is
 * @param verdict what all of it says
 */
public record TimeResult(
    String op,
    List<String> sizes,
    List<Interval> ratios,
    List<Double> ratioLimits,
    Interval forwardSlope,
    Interval backwardSlope,
    String irregular,
    Verdict verdict) {
  /**
   * The largest exponent. From one level of cache to the next a slope of 1 is bent to 1.3; a pass
   * that forms a Jacobian has one of 2. The order itself is decided by counted work.
   */
  public static final double SLOPE_LIMIT = 1.5;

  /** How much longer than its neighbours say a forward pass may take at one size. */
  private static final double IRREGULAR = 4;

  /** Judges the times of an op. */
  static TimeResult of(OpSpec spec, PassTimes times) {
    List<Shape> shapes = spec.benchmarkShapes();
    double[] forwardWork = new double[times.sizes()];
    double[] backwardWork = new double[times.sizes()];
    List<Double> limits = new ArrayList<>();
    for (int s = 0; s < times.sizes(); s++) {
      Cost cost = spec.cost().apply(shapes.get(s));
      forwardWork[s] = cost.forwardFlops();
      backwardWork[s] = cost.backwardFlops();
      limits.add(cost.ratioLimit());
    }
    double[][] forward = times.forward().clone();
    String irregular = "";
    for (int s = 0; s < forward.length; s++) {
      double expected = neighbours(times.forward(), forwardWork, s);
      double factor = median(times.forward()[s]) / expected;
      if (factor > IRREGULAR) {
        irregular =
            text("forward at %s takes %.1f times what its neighbours say", shapes.get(s), factor);
        forward[s] = scaled(forward[s], 1 / factor);
      }
    }
    List<Interval> ratios = new ArrayList<>();
    Verdict verdict = irregular.isEmpty() ? Verdict.WITHIN : Verdict.ABOVE;
    for (int s = 0; s < forward.length; s++) {
      Interval ratio = ratio(forward[s], times.backward()[s]);
      ratios.add(ratio);
      verdict = verdict.and(Verdict.of(ratio, limits.get(s)));
    }
    Interval forwardSlope = slope(forwardWork, forward);
    Interval backwardSlope = slope(backwardWork, times.backward());
    verdict = verdict.and(Verdict.of(forwardSlope, SLOPE_LIMIT));
    verdict = verdict.and(Verdict.of(backwardSlope, SLOPE_LIMIT));
    return new TimeResult(
        spec.name(),
        shapes.stream().map(Shape::toString).toList(),
        ratios,
        limits,
        forwardSlope,
        backwardSlope,
        irregular,
        verdict);
  }

  /** What a pass should take at one size: the geometric mean of the others, by work. */
  private static double neighbours(double[][] times, double[] work, int size) {
    double logarithms = 0;
    int others = 0;
    for (int s = Math.max(0, size - 1); s <= Math.min(times.length - 1, size + 1); s++) {
      if (s != size) {
        logarithms += Math.log(median(times[s]) / work[s]);
        others++;
      }
    }
    return Math.exp(logarithms / others) * work[size];
  }

  private static Interval ratio(double[] forward, double[] backward) {
    double[] ratios = new double[forward.length];
    for (int r = 0; r < ratios.length; r++) {
      ratios[r] = backward[r] / forward[r];
    }
    return Interval.bootstrap(ratios.length, choice -> Interval.median(ratios, choice));
  }

  private static Interval slope(double[] work, double[][] times) {
    return Interval.bootstrap(
        times[0].length,
        choice -> {
          SimpleRegression line = new SimpleRegression();
          for (int s = 0; s < work.length; s++) {
            line.addData(Math.log(work[s]), Math.log(Interval.median(times[s], choice)));
          }
          return line.getSlope();
        });
  }

  private static double median(double[] values) {
    int[] all = new int[values.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = i;
    }
    return Interval.median(values, all);
  }

  private static double[] scaled(double[] values, double factor) {
    double[] scaled = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      scaled[i] = values[i] * factor;
    }
    return scaled;
  }

  /** The size whose ratio comes closest to its limit, or exceeds it the most. */
  public int worstSize() {
    int worst = 0;
    for (int s = 1; s < ratios.size(); s++) {
      worst = excess(s) > excess(worst) ? s : worst;
    }
    return worst;
  }

  private double excess(int size) {
    return ratios.get(size).low() / ratioLimits.get(size);
  }

  /** The ratio at {@link #worstSize}. */
  public Interval worstRatio() {
    return ratios.get(worstSize());
  }

  /** The limit at {@link #worstSize}. */
  public double worstRatioLimit() {
    return ratioLimits.get(worstSize());
  }

  /** Whether the ratio alone is above its limit. */
  public boolean isRatioAbove() {
    return Verdict.of(worstRatio(), worstRatioLimit()) == Verdict.ABOVE;
  }

  @Override
  public String toString() {
    String what =
        switch (verdict) {
          case WITHIN -> "within";
          case UNDECIDED -> "undecided";
          case ABOVE -> "ABOVE, " + reason();
        };
    return text(
        "%-32s time: backward/forward at %s %.2f (%.2f … %.2f), limit %.2f; slopes %.2f forward, %.2f backward: %s",
        op,
        sizes.get(worstSize()),
        worstRatio().value(),
        worstRatio().low(),
        worstRatio().high(),
        worstRatioLimit(),
        forwardSlope.value(),
        backwardSlope.value(),
        what);
  }

  private String reason() {
    if (!irregular.isEmpty()) {
      return irregular;
    }
    return forwardSlope.low() > SLOPE_LIMIT
        ? "the forward pass of " + op + " grows faster than its work"
        : "the backward pass of " + op + " is not O(forward)";
  }

  private static String text(String pattern, Object... arguments) {
    return String.format(Locale.ROOT, pattern, arguments);
  }
}
