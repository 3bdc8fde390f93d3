package org.lanegrad.verification.compare;

/**
 * Units in the last place, plus units of roundoff of the magnitude: for a formula that cancels,
 * such as y·(1 − y) from a rounded y near 1.
 *
 * @param ulps units in the last place of the expected value
 * @param roundoffs multiples of 2^−24 of the magnitude
 */
public record Mixed(double ulps, double roundoffs) implements Tolerance {
  @Override
  public double allowed(double expected, double magnitude) {
    return ulps * Tolerance.ulp(expected) + roundoffs * UNIT_ROUNDOFF * magnitude;
  }
}
