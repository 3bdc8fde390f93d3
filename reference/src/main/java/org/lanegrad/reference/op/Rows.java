package org.lanegrad.reference.op;

/** What the Jacobians of several ops need to know of a row. */
final class Rows {
  private Rows() {}

  /** p_j = e^x_j / Σ_k e^x_k for the row of x that starts at {@code from}, into the same place. */
  static void softmax(double[] x, int from, int length, double[] p) {
    double max = Double.NEGATIVE_INFINITY;
    for (int j = from; j < from + length; j++) {
      max = Math.max(max, x[j]);
    }
    double sum = 0;
    for (int j = from; j < from + length; j++) {
      p[j] = Math.exp(x[j] - max);
      sum += p[j];
    }
    for (int j = from; j < from + length; j++) {
      p[j] /= sum;
    }
  }

  /** The mean of f over a row, 0 of an empty one. */
  static double mean(int from, int length, java.util.function.IntToDoubleFunction f) {
    double sum = 0;
    for (int j = from; j < from + length; j++) {
      sum += f.applyAsDouble(j);
    }
    return sum / length;
  }
}
