package org.lanegrad.verification.compare;

/**
 * So many units in the last place of the expected value.
 *
 * @param count 0.5 is a correctly rounded result; 0 is exact
 */
public record Ulps(double count) implements Tolerance {
  @Override
  public double allowed(double expected, double magnitude) {
    return count * Tolerance.ulp(expected);
  }
}
