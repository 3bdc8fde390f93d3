package org.lanegrad.check;

import java.util.Locale;
import org.lanegrad.Matrix;

/** What kernels ask of matrices that they read and write element by element. */
public final class MatrixChecks {
  private MatrixChecks() {}

  /** Throws unless {@code m} has the shape and the order of storage of another matrix. */
  public static void like(String name, Matrix m, String otherName, Matrix other) {
    Check.notNull(otherName, other, "a Matrix");
    Check.notNull(name, m, "a Matrix");
    // names are put together only for a message: a step must not allocate
    if (m.rows() != other.rows() || m.columns() != other.columns()) {
      Check.equal(name + ".rows", m.rows(), otherName + ".rows", other.rows());
      Check.equal(name + ".columns", m.columns(), otherName + ".columns", other.columns());
    }
    if (m.isTransposed() != other.isTransposed()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s is %s, expected it to be %s, as %s",
              name,
              order(m),
              order(other),
              otherName));
    }
  }

  private static String order(Matrix m) {
    return m.isTransposed() ? "transposed" : "stored by rows";
  }

  /** Throws if an output shares elements with an input without being the very same matrix. */
  public static void sameOrSeparate(String output, Matrix out, String input, Matrix in) {
    Check.separate(output, input, !out.isSameView(in) && out.overlaps(in));
  }

  /** Throws unless {@code m} has the shape of another matrix, and both are stored by rows. */
  public static void storedLike(String name, Matrix m, String otherName, Matrix other) {
    Check.notNull(otherName, other, "a Matrix");
    Check.stored(otherName, other.isTransposed());
    like(name, m, otherName, other);
  }
}
