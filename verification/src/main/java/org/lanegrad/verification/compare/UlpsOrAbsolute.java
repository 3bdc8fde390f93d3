package org.lanegrad.verification.compare;

/**
 * So many units in the last place of the expected value, or an absolute error, whichever is more:
 * for a tail that loses its relative accuracy while it dies away.
 *
 * @param count units in the last place
 * @param absolute an absolute error
 */
public record UlpsOrAbsolute(double count, double absolute) implements Tolerance {
  @Override
  public double allowed(double expected, double magnitude) {
    return Math.max(count * Tolerance.ulp(expected), absolute);
  }

  /** Whether the absolute error is the larger bound at that value. */
  public boolean isAbsolute(double expected) {
    return count * Tolerance.ulp(expected) < absolute;
  }
}
