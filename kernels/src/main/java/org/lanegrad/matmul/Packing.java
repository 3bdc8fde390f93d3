package org.lanegrad.matmul;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.simd.FloatLanes;

/** Copies of blocks into the layouts that {@link MicroKernel} reads: row-major, without a gap. */
final class Packing {
  private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
  private static final int L = FloatLanes.COUNT;

  private Packing() {}

  /**
   * to[i·toRow + j] = scale · from[row + i, column + j] for a block of {@code rows × columns}.
   *
   * <p>A row-major source is copied row by row, a transposed one in squares, so that neither side
   * is read or written a cache line at a time for one element.
   */
  static void block(
      Matrix from,
      int row,
      int column,
      int rows,
      int columns,
      float scale,
      float[] to,
      int toOffset,
      int toRow) {
    if (from.isTransposed()) {
      transposed(from, row, column, rows, columns, scale, to, toOffset, toRow);
      return;
    }
    for (int i = 0; i < rows; i++) {
      int source = from.index(row + i, column);
      int target = toOffset + i * toRow;
      if (scale == 1f) {
        System.arraycopy(from.array(), source, to, target, columns);
      } else {
        scaled(from.array(), source, scale, to, target, columns);
      }
    }
  }

  /** Pads each row of a packed block with zeros from {@code columns} to {@code width}. */
  static void pad(float[] to, int toOffset, int toRow, int rows, int columns, int width) {
    for (int i = 0; i < rows && columns < width; i++) {
      int row = toOffset + i * toRow;
      Arrays.fill(to, row + columns, row + width, 0f);
    }
  }

  private static void scaled(
      float[] from, int source, float scale, float[] to, int target, int length) {
    int j = 0;
    for (int end = S.loopBound(length); j < end; j += L) {
      FloatVector.fromArray(S, from, source + j).mul(scale).intoArray(to, target + j);
    }
    for (; j < length; j++) {
      to[target + j] = from[source + j] * scale;
    }
  }

  private static void transposed(
      Matrix from,
      int row,
      int column,
      int rows,
      int columns,
      float scale,
      float[] to,
      int toOffset,
      int toRow) {
    float[] array = from.array();
    int step = from.columnStep();
    for (int j0 = 0; j0 < columns; j0 += 16) {
      int jEnd = Math.min(j0 + 16, columns);
      for (int i = 0; i < rows; i++) {
        int source = from.index(row + i, column);
        int target = toOffset + i * toRow;
        for (int j = j0; j < jEnd; j++) {
          to[target + j] = array[source + j * step] * scale;
        }
      }
    }
  }
}
