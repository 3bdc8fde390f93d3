package org.lanegrad.verification.catalog;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import org.lanegrad.reference.diff.Evaluate;
import org.lanegrad.reference.op.Op;

/** What the error bounds of several problems are made of. */
final class Bounds {
  private Bounds() {}

  /** One value for each element of {@code like}. */
  static double[] each(double[] like, IntToDoubleFunction value) {
    double[] values = new double[like.length];
    Arrays.setAll(values, value);
    return values;
  }

  /** Absolute values. */
  static double[] abs(double[] values) {
    return each(values, i -> Math.abs(values[i]));
  }

  /**
   * Σ|a||b| for each element of a product: the op itself, over absolute values. Its scalars must
   * not be negative.
   */
  static double[] magnitudes(Op op, double[]... inputs) {
    double[][] absolute = new double[inputs.length][];
    Arrays.setAll(absolute, v -> abs(inputs[v]));
    return Evaluate.of(op, absolute);
  }
}
