package org.lanegrad.normalization;

import java.util.Locale;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;

/** What every row kernel asks of its matrices. */
final class RowChecks {
  private RowChecks() {}

  /** Throws unless {@code m} has the shape and the order of storage of another matrix. */
  static void like(String name, Matrix m, String otherName, Matrix other) {
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
  static void sameOrSeparate(String output, Matrix out, String input, Matrix in) {
    boolean same =
        out.offset() == in.offset()
            && out.rowStep() == in.rowStep()
            && out.columnStep() == in.columnStep();
    Check.separate(output, input, !same && out.overlaps(in));
  }

  /** Throws unless an optional vector has an element for each column. */
  static void vector(String name, float[] vector, Matrix x, boolean optional) {
    if (!optional) {
      Check.notNull(name, vector, "a float[]");
    }
    if (vector != null && vector.length != x.columns()) {
      Check.equal(name + ".length", vector.length, "columns", x.columns());
    }
  }

  /** Throws if a matrix that is written shares elements with an optional vector. */
  static void separate(String output, Matrix out, String name, float[] vector) {
    if (vector != null) {
      Check.separate(output, name, out.overlaps(vector, 0, vector.length));
    }
  }
}
