package org.lanegrad.verification.compare;

import java.util.Locale;

/**
 * The worst element of one comparison.
 *
 * @param index the index of the element, −1 if there were none
 * @param expected what the reference says
 * @param actual what the kernel says
 * @param allowed the error allowed there
 * @param ratio error / allowed; above 1 is a failure
 */
public record Comparison(int index, double expected, double actual, double allowed, double ratio) {
  /** Nothing to compare. */
  public static final Comparison EMPTY = new Comparison(-1, 0, 0, 0, 0);

  /** Compares all elements; {@code allowed} has one error for each. */
  public static Comparison of(double[] expected, double[] actual, double[] allowed) {
    if (expected.length != actual.length || expected.length != allowed.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "expected has %d elements, actual %d, allowed %d",
              expected.length,
              actual.length,
              allowed.length));
    }
    Comparison worst = EMPTY;
    for (int i = 0; i < expected.length; i++) {
      double ratio = ratio(expected[i], actual[i], allowed[i]);
      if (worst.index < 0 || ratio > worst.ratio) {
        worst = new Comparison(i, expected[i], actual[i], allowed[i], ratio);
      }
    }
    return worst;
  }

  /** Whether the worst element is within its bound. */
  public boolean passes() {
    return ratio <= 1;
  }

  /** The error in units in the last place of the expected value. */
  public double ulps() {
    return Math.abs(actual - expected) / Tolerance.ulp(expected);
  }

  /** NaN matches NaN alone, an infinity (or what overflows fp32) itself alone. */
  private static double ratio(double expected, double actual, double allowed) {
    if (Double.isNaN(expected) || Double.isNaN(actual)) {
      return Double.isNaN(expected) && Double.isNaN(actual) ? 0 : Double.POSITIVE_INFINITY;
    }
    if (Float.isInfinite((float) expected) || Double.isInfinite(actual)) {
      return (float) expected == actual ? 0 : Double.POSITIVE_INFINITY;
    }
    double error = Math.abs(expected - actual);
    return error == 0 ? 0 : error / allowed;
  }
}
