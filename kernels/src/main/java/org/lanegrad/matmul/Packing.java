package org.lanegrad.matmul;

import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.simd.FloatLanes;

/** Copies of blocks into the layouts that {@link MicroKernel} reads. */
final class Packing {
  private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
  private static final int L = FloatLanes.COUNT;
  private static final int W = MicroKernel.COLUMNS;

  private Packing() {}

  /**
   * Whole panels, one tile wide and {@code panelStep} apart: row by row across all of them, in the
   * order in which B is stored.
   */
  static void panels(
      float[] from,
      int fromOffset,
      int fromRow,
      int rows,
      int panels,
      float[] to,
      int toOffset,
      int panelStep) {
    for (int p = 0; p < rows; p++) {
      int source = fromOffset + p * fromRow;
      int target = toOffset + p * W;
      for (int panel = 0; panel < panels; panel++) {
        for (int j = 0; j < W; j += L) {
          fromArray(S, from, source + panel * W + j).intoArray(to, target + panel * panelStep + j);
        }
      }
    }
  }

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
      int toRow,
      Workspace workspace) {
    if (from.isTransposed()) {
      transposed(from, row, column, rows, columns, scale, to, toOffset, toRow, workspace);
      return;
    }
    int source = from.index(row, column);
    int step = from.rowStep();
    if (scale == 1f) {
      rows(from.array(), source, step, rows, columns, to, toOffset, toRow);
      return;
    }
    for (int i = 0; i < rows; i++) {
      scaled(from.array(), source + i * step, scale, to, toOffset + i * toRow, columns);
    }
  }

  /**
   * to[i·toRow + j] = from[i·fromRow + j]. The last vector of a row overlaps the one before it,
   * which saves a mask; {@code from} and {@code to} are different arrays.
   */
  static void rows(
      float[] from,
      int fromOffset,
      int fromRow,
      int rows,
      int columns,
      float[] to,
      int toOffset,
      int toRow) {
    if (columns < L) {
      narrowRows(from, fromOffset, fromRow, rows, columns, to, toOffset, toRow);
      return;
    }
    for (int j = 0; j < columns; j += L) {
      int column = Math.min(j, columns - L);
      for (int i = 0; i < rows; i++) {
        fromArray(S, from, fromOffset + i * fromRow + column)
            .intoArray(to, toOffset + i * toRow + column);
      }
    }
  }

  /** One by one: a mask was boxed in some JVMs. */
  private static void narrowRows(
      float[] from,
      int fromOffset,
      int fromRow,
      int rows,
      int columns,
      float[] to,
      int toOffset,
      int toRow) {
    for (int i = 0; i < rows; i++) {
      int source = fromOffset + i * fromRow;
      int target = toOffset + i * toRow;
      for (int j = 0; j < columns; j++) {
        to[target + j] = from[source + j];
      }
    }
  }

  private static void scaled(
      float[] from, int source, float scale, float[] to, int target, int length) {
    int j = 0;
    for (int end = S.loopBound(length); j < end; j += L) {
      fromArray(S, from, source + j).mul(scale).intoArray(to, target + j);
    }
    for (; j < length; j++) {
      to[target + j] = from[source + j] * scale;
    }
  }

  /** Squares of one vector's width by {@link Transpose}, the rest of both edges one by one. */
  private static void transposed(
      Matrix from,
      int row,
      int column,
      int rows,
      int columns,
      float scale,
      float[] to,
      int toOffset,
      int toRow,
      Workspace workspace) {
    float[] array = from.array();
    int step = from.columnStep();
    int fullRows = S.loopBound(rows);
    int fullColumns = S.loopBound(columns);
    for (int j = 0; j < fullColumns; j += L) {
      for (int i = 0; i < fullRows; i += Transpose.SQUARES * L) {
        int squares = Math.min(Transpose.SQUARES, (fullRows - i) / L);
        int source = from.index(row + i, column + j);
        int target = toOffset + i * toRow + j;
        Transpose.squares(
            squares, array, source, step, scale, to, target, toRow, workspace.square());
      }
    }
    for (int i = 0; i < rows; i++) {
      int source = from.index(row + i, column);
      int target = toOffset + i * toRow;
      for (int j = i < fullRows ? fullColumns : 0; j < columns; j++) {
        to[target + j] = array[source + j * step] * scale;
      }
    }
  }
}
