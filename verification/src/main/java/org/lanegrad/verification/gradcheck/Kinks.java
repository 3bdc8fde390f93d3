package org.lanegrad.verification.gradcheck;

import org.lanegrad.reference.diff.CentralDifference;

/** What a gradient may be where a function has no derivative. */
public enum Kinks {
  /** The function is smooth: only the two-sided difference counts. */
  NONE,

  /**
   * The function is piecewise smooth: where the one-sided differences disagree, any value of the
   * interval between them (the subgradient) is right.
   */
  SUBGRADIENT;

  /** How far {@code analytic} lies from what it may be. */
  public double error(double analytic, CentralDifference difference) {
    double low = difference.value();
    double high = difference.value();
    if (this == SUBGRADIENT) {
      low = Math.min(difference.left(), difference.right());
      high = Math.max(difference.left(), difference.right());
    }
    return Math.max(0, Math.max(low - analytic, analytic - high));
  }
}
