package org.lanegrad.verification.compare;

/**
 * The error that one element may have, derived from the rounding that its formula does.
 *
 * <p>{@code magnitude} is the size of the terms that an element is made of: Σ|a||b| for a dot
 * product, the upstream gradient for an elementwise backward.
 */
public sealed interface Tolerance permits Ulps, UlpsOrAbsolute, Mixed, DotProductBound {
  /** The unit roundoff of fp32, 2^−24. */
  double UNIT_ROUNDOFF = 0x1p-24;

  /** The largest absolute error allowed. */
  double allowed(double expected, double magnitude);

  /** The distance between the floats around {@code x}. */
  static double ulp(double x) {
    return Math.ulp((float) x);
  }
}
