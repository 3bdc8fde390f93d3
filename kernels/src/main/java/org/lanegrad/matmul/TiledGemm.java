package org.lanegrad.matmul;

import org.lanegrad.Epilogue;
import org.lanegrad.Matrix;
import org.lanegrad.simd.FloatLanes;

/**
 * C = start + α·A·B by register tiles, walked in blocks that stay in the caches (after K. Goto and
 * R. van de Geijn, Anatomy of High-Performance Matrix Multiplication, 2008).
 *
 * <p>A block of A (MC × KC) stays in the L2 cache while panels of B (KC × one tile width) pass by.
 * B is read in place while it is small: packing it costs more than it saves up to about 512 rows. A
 * is read in place unless it is transposed or scaled.
 */
final class TiledGemm {
  private static final int MC = Blocking.MC;
  private static final int KC = Blocking.KC;
  private static final int NC = Blocking.NC;
  private static final int W = MicroKernel.COLUMNS;

  /**
   * Keeps the rows of a packed A from meeting in the same sets of the L1 cache, which costs the
   * transposing pack a quarter to two fifths of its time at 512 and 1024.
   */
  private static final int GAP = FloatLanes.COUNT;

  private TiledGemm() {}

  /**
   * Adds the products onto the start.
   *
   * @param prepacked B in panels, or null where {@code b} is to be read or packed
   * @param start where the sums start, element (i, j) at {@code startOffset + i·startRow + j}; null
   *     for zero
   * @param epilogue called for each block of C when it is complete, or null
   */
  static void run(
      float alpha,
      Matrix a,
      Matrix b,
      PackedMatrix prepacked,
      float[] start,
      int startOffset,
      int startRow,
      Matrix c,
      Epilogue epilogue,
      Workspace workspace) {
    int n = c.columns();
    int k = a.columns();
    boolean pack = prepacked == null && (b.isTransposed() || Blocking.packs(c.rows(), n, k));
    Tile tile = workspace.tile();
    tile.aStep = 1;
    tile.c = c.array();
    tile.cRow = c.rowStep();
    for (int j0 = 0, nc; j0 < n; j0 += nc) {
      nc = Math.min(NC, n - j0);
      startFrom(tile, start, startOffset + j0, startRow);
      for (int p0 = 0, kc; p0 == 0 || p0 < k; p0 += Math.max(1, kc)) {
        kc = Math.min(KC, k - p0);
        PackedMatrix panels = prepacked;
        if (pack) {
          panels = workspace.panels();
          panels.pack(b, p0, kc, j0, nc, workspace);
        }
        Epilogue last = p0 + kc == k ? epilogue : null;
        block(alpha, a, b, panels, p0, kc, j0, nc, c, last, workspace);
        startFrom(tile, c.array(), c.offset() + j0, c.rowStep());
      }
    }
  }

  /** Element (0, j0) of the start; zero is a row of zeros that all rows and columns share. */
  private static void startFrom(Tile tile, float[] start, int offset, int row) {
    tile.start = start == null ? MicroKernel.ZEROS : start;
    tile.startBase = start == null ? 0 : offset;
    tile.startRow = start == null ? 0 : row;
  }

  /** One KC × NC block of B against all of A. */
  private static void block(
      float alpha,
      Matrix a,
      Matrix b,
      PackedMatrix panels,
      int p0,
      int kc,
      int j0,
      int nc,
      Matrix c,
      Epilogue epilogue,
      Workspace workspace) {
    Tile tile = workspace.tile();
    boolean packA = a.isTransposed() || alpha != 1f;
    for (int i0 = 0; i0 < c.rows(); i0 += MC) {
      int mc = Math.min(MC, c.rows() - i0);
      if (packA) {
        tile.a = workspace.packedA(MC * (KC + GAP));
        tile.aRow = kc + GAP;
        Packing.block(a, i0, p0, mc, kc, alpha, tile.a, 0, tile.aRow, workspace);
      } else {
        tile.a = a.array();
        tile.aRow = a.rowStep();
      }
      int aOffset = packA ? 0 : a.index(i0, p0);
      for (int j = 0; j < nc; j += W) {
        int columns = Math.min(W, nc - j);
        int start = tile.startBase + i0 * tile.startRow + (tile.start == MicroKernel.ZEROS ? 0 : j);
        int cOffset = c.index(i0, j0 + j);
        tile.k = kc;
        if (panels != null) {
          panels.pointAt(tile, p0, j0 + j);
        } else {
          panelInPlace(tile, b, p0, j0 + j, columns, workspace);
        }
        if (MicroKernel.fits(columns)) {
          panel(tile, mc, columns, aOffset, start, cOffset);
        } else {
          edgePanel(tile, mc, columns, aOffset, start, cOffset, workspace);
        }
      }
      if (epilogue != null) {
        epilogue.apply(c, i0, j0, mc, nc);
      }
    }
  }

  /**
   * Points the tile at a panel of B where it stands. The tiles read whole vectors, also past the
   * panel's last column, where the values don't matter; but in the last rows of B that may be past
   * the end of the array. Then the panel is copied after all.
   */
  private static void panelInPlace(
      Tile tile, Matrix b, int p0, int column, int columns, Workspace workspace) {
    int offset = b.index(p0, column);
    long end = offset + (tile.k - 1L) * b.rowStep() + MicroKernel.reach(columns);
    if (end <= b.array().length) {
      tile.b = b.array();
      tile.bOffset = offset;
      tile.bRow = b.rowStep();
    } else {
      PackedMatrix panel = workspace.panels();
      panel.pack(b, p0, tile.k, column, columns, workspace);
      panel.pointAt(tile, p0, column);
    }
  }

  /**
   * A panel where C ends before the tiles do: they work on a scratch panel, of which the columns
   * that exist are copied back. (Masked loads and stores in the tiles would do it too, but 48 of
   * them in one method exceed what C2 inlines: once any code in the JVM has met an array's end with
   * a mask, each carries its slow path, and the tile runs ten times slower.)
   */
  private static void edgePanel(
      Tile tile,
      int mc,
      int columns,
      int aOffset,
      int startOffset,
      int cOffset,
      Workspace workspace) {
    int width = MicroKernel.width(columns);
    float[] edge = workspace.edge();
    float[] start = tile.start;
    int startRow = tile.startRow;
    float[] c = tile.c;
    int cRow = tile.cRow;
    if (start != MicroKernel.ZEROS) {
      Packing.rows(start, startOffset, startRow, mc, columns, edge, 0, width);
      tile.start = edge;
      tile.startRow = width;
    }
    tile.c = edge;
    tile.cRow = width;
    panel(tile, mc, width, aOffset, 0, 0);
    Packing.rows(edge, 0, width, mc, columns, c, cOffset, cRow);
    tile.start = start;
    tile.startRow = startRow;
    tile.c = c;
    tile.cRow = cRow;
  }

  /** All rows of a block of A against one panel of B. */
  private static void panel(
      Tile tile, int mc, int columns, int aOffset, int startOffset, int cOffset) {
    int rows;
    for (int i = 0; i < mc; i += rows) {
      rows = MicroKernel.tileRows(mc - i);
      tile.aOffset = aOffset + i * tile.aRow;
      tile.startOffset = startOffset + i * tile.startRow;
      tile.cOffset = cOffset + i * tile.cRow;
      MicroKernel.run(tile, rows, columns);
    }
  }
}
