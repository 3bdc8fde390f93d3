package org.lanegrad.reference.op;

import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.RealMatrix;

/** How the ops form their Jacobians. */
final class Jacobians {
  private Jacobians() {}

  /** ∂y_output / ∂x_input. */
  interface Partial {
    double at(int output, int input);
  }

  /** Forms the matrix, entry by entry; both sizes are at least 1. */
  static RealMatrix of(int outputs, int inputs, Partial partial) {
    RealMatrix matrix = new Array2DRowRealMatrix(outputs, inputs);
    for (int o = 0; o < outputs; o++) {
      for (int i = 0; i < inputs; i++) {
        matrix.setEntry(o, i, partial.at(o, i));
      }
    }
    return matrix;
  }
}
