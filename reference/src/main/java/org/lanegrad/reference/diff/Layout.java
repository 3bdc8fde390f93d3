package org.lanegrad.reference.diff;

import java.util.Locale;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.RealMatrix;
import org.lanegrad.reference.op.Variable;

/**
 * The two ways to lay out the derivative of a number by a matrix, and slices of larger ones.
 *
 * <p><b>Jacobian form</b>: outputs × inputs, so 1 × (rows·columns) for a number. The chain rule is
 * a product of matrices. <b>Shape convention</b>: the gradient has the shape of what it is the
 * gradient of, so that it can be subtracted from it. Both hold the same numbers, row by row.
 */
public final class Layout {
  private Layout() {}

  /** From the Jacobian form of a number to the shape of the variable. */
  public static RealMatrix shapeConvention(RealMatrix jacobian, Variable variable) {
    if (jacobian.getRowDimension() != 1 || jacobian.getColumnDimension() != variable.size()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "the Jacobian is %d × %d, expected 1 × %d for %s",
              jacobian.getRowDimension(),
              jacobian.getColumnDimension(),
              variable.size(),
              variable));
    }
    return matrix(jacobian.getRow(0), variable.rows(), variable.columns());
  }

  /** From the shape of the variable to the Jacobian form of a number. */
  public static RealMatrix jacobianForm(RealMatrix gradient) {
    int columns = gradient.getColumnDimension();
    double[] row = new double[gradient.getRowDimension() * columns];
    for (int e = 0; e < row.length; e++) {
      row[e] = gradient.getEntry(e / columns, e % columns);
    }
    return matrix(row, 1, row.length);
  }

  /** ∂Y/∂x_ij, in the shape of Y: one column of the flattened rank-4 derivative ∂Y/∂X. */
  public static RealMatrix slice(
      RealMatrix jacobian, Variable output, Variable variable, int i, int j) {
    double[] column = jacobian.getColumn(i * variable.columns() + j);
    return matrix(column, output.rows(), output.columns());
  }

  private static RealMatrix matrix(double[] elements, int rows, int columns) {
    RealMatrix matrix = new Array2DRowRealMatrix(rows, columns);
    for (int e = 0; e < elements.length; e++) {
      matrix.setEntry(e / columns, e % columns, elements[e]);
    }
    return matrix;
  }
}
