package org.lanegrad.verification.catalog;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import org.lanegrad.Lanegrad;
import org.lanegrad.reduction.Reductions;
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

  /**
   * How many roundings a term of a sum of n meets: its lane's share of a leaf, the lanes' tree, and
   * the last one. Leaves are added in double, as are the elements in the scalar loops.
   */
  static double additions(int n) {
    if (Lanegrad.lanes() == 1) {
      return 2;
    }
    double leaf = Math.min(n, Reductions.LEAF) / (double) Lanegrad.lanes();
    return Math.ceil(leaf) + Integer.numberOfTrailingZeros(Lanegrad.lanes()) + 2;
  }

  /** The largest difference of two elements of a row. */
  static double spread(double[] x, int from, int n) {
    double max = Double.NEGATIVE_INFINITY;
    double min = Double.POSITIVE_INFINITY;
    for (int j = from; j < from + n; j++) {
      max = Math.max(max, x[j]);
      min = Math.min(min, x[j]);
    }
    return max - min;
  }
}
