package org.lanegrad.bench.data;

import java.util.Arrays;
import org.lanegrad.Matrix;

/**
 * Examples, a row each.
 *
 * @param rows what a network reads
 * @param labels the class of each example from 0 on; null if there are none
 */
@SuppressWarnings("ArrayRecordComponent") // a data set, never compared
public record DataSet(Matrix rows, int[] labels) {
  /** How many examples there are. */
  public int size() {
    return rows.rows();
  }

  /** How many classes the labels need. */
  public int classes() {
    return Arrays.stream(labels).max().orElse(-1) + 1;
  }

  /** The same with all elements multiplied. */
  public DataSet scaled(float factor) {
    Matrix scaled = Matrix.zeros(rows.rows(), rows.columns());
    for (int i = 0; i < scaled.array().length; i++) {
      scaled.array()[i] = factor * rows.array()[i];
    }
    return new DataSet(scaled, labels);
  }
}
