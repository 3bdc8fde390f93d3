package org.lanegrad.normalization;

import org.lanegrad.Matrix;
import org.lanegrad.check.Check;

/** What every row kernel asks of its matrices. */
final class RowChecks {
  private RowChecks() {}

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
