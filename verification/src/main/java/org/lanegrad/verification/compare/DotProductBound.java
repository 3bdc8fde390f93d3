package org.lanegrad.verification.compare;

/**
 * γ_k · magnitude, γ_k = k·u / (1 − k·u): the error of a sum of k rounded terms in any order (N.
 * Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., ch. 3), and k of the smallest
 * subnormals for what may underflow.
 *
 * @param roundings k, the number of roundings that one term can meet
 */
public record DotProductBound(int roundings) implements Tolerance {
  @Override
  public double allowed(double expected, double magnitude) {
    double ku = roundings * UNIT_ROUNDOFF;
    return ku / (1 - ku) * magnitude + roundings * (double) Float.MIN_VALUE;
  }
}
