package org.lanegrad.bench.gate;

import java.util.List;

/**
 * What the gate says of one op.
 *
 * @param op the op's name
 * @param sizes the shapes, growing
 * @param ratios backward / forward at each size
 * @param ratioLimits the largest ratio that the op's work model allows at each size
 * @param slope how much faster the backward pass's cost grows than the forward pass's: the
 *     difference of their slopes in log-log
 * @param slopeLimit the largest difference allowed
 * @param unit what was measured: instructions or nanoseconds
 */
public record GateResult(
    String op,
    List<String> sizes,
    List<Interval> ratios,
    List<Double> ratioLimits,
    Interval slope,
    double slopeLimit,
    String unit) {
  private static final double WIDEST_SLOPE = 0.5;
  private static final double WIDEST_RATIO = 2;

  /** The size whose ratio comes closest to its limit, or exceeds it the most. */
  public int worstSize() {
    int worst = 0;
    for (int s = 1; s < ratios.size(); s++) {
      worst = excess(s) > excess(worst) ? s : worst;
    }
    return worst;
  }

  /** The ratio at {@link #worstSize}. */
  public Interval worstRatio() {
    return ratios.get(worstSize());
  }

  /** The limit at {@link #worstSize}. */
  public double worstRatioLimit() {
    return ratioLimits.get(worstSize());
  }

  /** Whether the ratio is within its limit at every size. */
  public boolean ratioPasses() {
    return worstRatio().low() <= worstRatioLimit();
  }

  /** Whether the slopes are close enough. */
  public boolean slopePasses() {
    return slope.low() <= slopeLimit;
  }

  /**
   * Whether both limits hold. A measurement fails only when its whole confidence interval lies
   * above the limit, so noise alone does not.
   */
  public boolean passes() {
    return ratioPasses() && slopePasses();
  }

  /**
   * Whether the confidence intervals are narrow enough to say anything: a compiler still at work,
   * or a neighbour, makes them span a hundredfold, and then no limit lies below them.
   */
  public boolean isClear() {
    return slope.high() - slope.low() <= WIDEST_SLOPE
        && ratios.stream().allMatch(r -> r.high() <= WIDEST_RATIO * r.low());
  }

  private double excess(int size) {
    return ratios.get(size).low() / ratioLimits.get(size);
  }

  @Override
  public String toString() {
    return "%-22s backward/forward at %s %.2f (%.2f … %.2f), limit %.2f; slope difference %+.3f (%+.3f … %+.3f), limit %.2f: %s"
        .formatted(
            op,
            sizes.get(worstSize()),
            worstRatio().value(),
            worstRatio().low(),
            worstRatio().high(),
            worstRatioLimit(),
            slope.value(),
            slope.low(),
            slope.high(),
            slopeLimit,
            passes() ? "pass" : "FAIL, the backward pass of " + op + " is not O(forward)");
  }
}
