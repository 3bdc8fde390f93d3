package org.lanegrad.matmul;

import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;

/**
 * A block of B in the order in which the register tiles read it: panels of one tile's width, each
 * with its rows one after the other. As floats, or as {@link Halves}.
 */
final class Panels {
  private static final int W = MicroKernel.COLUMNS;
  private static final int L = FloatLanes.COUNT;

  /**
   * Panels a power of two apart would meet in the same sets of the caches while they are written.
   */
  private static final int GAP = 32;

  /** The panels start at a cache line, where the collector puts the array so. */
  private static final int START = Simd.LINE_START;

  private final boolean isScratch;
  private float[] floats = new float[0];
  private int[] halves;
  private int step;
  private int rows;
  private int firstRow;
  private int firstColumn;

  /**
   * Panels as yet empty.
   *
   * @param isScratch whether one block after the other is packed there, or one matrix to be kept
   */
  Panels(boolean isScratch) {
    this.isScratch = isScratch;
  }

  /** Takes a block of a matrix; the room grows as needed and is kept. */
  void pack(Matrix b, int row, int rowCount, int column, int columnCount, Workspace workspace) {
    make(row, rowCount, column, columnCount);
    int whole = columnCount / W;
    if (!b.isTransposed()) {
      int source = b.index(row, column);
      Packing.panels(b.array(), source, b.rowStep(), rowCount, whole, floats, START, step);
    } else {
      for (int panel = 0; panel < whole; panel++) {
        columns(b, column + panel * W, W, START + panel * step, workspace);
      }
    }
    if (whole * W < columnCount) {
      packPanel(b, column + whole * W, columnCount - whole * W, workspace);
    }
  }

  /**
   * Makes one room for the panels of a block of a matrix, each of which is packed there in its
   * turn: where no later rows of C come back to them, it stays in the second-level cache. It is one
   * of as many as {@link #make} makes, since the collector puts only long arrays at a cache line.
   */
  void makeOne(int row, int rowCount, int column, int columnCount) {
    make(row, rowCount, column, columnCount);
    step = 0;
  }

  /** Makes room for a block of a matrix, whose panels are packed one by one. */
  void make(int row, int rowCount, int column, int columnCount) {
    step = Check.length("rows · columns of a panel", (long) rowCount * W + GAP);
    long length = START + (columnCount + W - 1L) / W * step;
    int room = Check.length("panels · length of a panel", length);
    if (floats.length < room) {
      floats = new float[isScratch ? Blocking.roomForPanels(room) : room];
    }
    rows = rowCount;
    firstRow = row;
    firstColumn = column;
  }

  /**
   * Packs the panel that starts at a column. Where there are columns for a whole tile, the last
   * vector overlaps the one before as C's does.
   */
  void packPanel(Matrix b, int column, int count, Workspace workspace) {
    int target = offset(firstRow, column);
    if (count > W - L) {
      columns(b, column, W - L, target, workspace);
      columns(b, column + count - L, L, target + W - L, workspace);
    } else {
      columns(b, column, count, target, workspace);
    }
  }

  private void columns(Matrix b, int column, int count, int target, Workspace workspace) {
    Packing.block(b, firstRow, column, rows, count, 1f, floats, target, W, workspace);
  }

  /** Rounds all values to half the width. */
  void halve() {
    halves = Halves.of(floats, START);
    floats = new float[0];
  }

  /** The panels from a column on, which becomes the first. */
  Panels from(int column) {
    Panels view = new Panels(false);
    view.floats = floats;
    view.halves = halves;
    view.step = step;
    view.rows = rows;
    view.firstRow = firstRow;
    view.firstColumn = firstColumn - column;
    return view;
  }

  private int offset(int row, int column) {
    return START + (column - firstColumn) / W * step + (row - firstRow) * W;
  }

  /** Tells a tile where to leave the panel that starts at a column. */
  void target(Tile tile, int column) {
    tile.panel = floats;
    tile.panelOffset = offset(firstRow, column);
  }

  /** Points a tile at row {@code row} of the panel that starts at column {@code column}. */
  void pointAt(Tile tile, int row, int column) {
    tile.b = floats;
    tile.bRow = W;
    tile.packedB = true;
    tile.panelStep = step;
    tile.bOffset = offset(row, column);
    tile.halves = halves;
    if (halves != null) {
      tile.panelStep = step / 2;
      tile.bOffset = START + (tile.bOffset - START) / 2;
    }
  }

  /** The same; what is stored as halves is expanded first, as many rows as the tile has k. */
  void pointAtFloats(Tile tile, int row, int column, Workspace workspace) {
    pointAt(tile, row, column);
    if (halves != null) {
      tile.b = workspace.expanded();
      Halves.expand(halves, tile.bOffset, tile.k * W, tile.b);
      tile.bOffset = 0;
      tile.halves = null;
    }
  }
}
