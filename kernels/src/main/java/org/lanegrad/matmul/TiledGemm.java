package org.lanegrad.matmul;

import org.lanegrad.Matrix;

/**
 * C = start + α·A·B by register tiles, walked in blocks that stay in the caches (after K. Goto and
 * R. van de Geijn, Anatomy of High-Performance Matrix Multiplication, 2008).
 *
 * <p>A block of A (MC × KC) stays in the L2 cache while panels of B (KC × one tile width) pass by.
 * B is read in place while it is small: packing it costs more than it saves up to about 512 rows. A
 * is read in place unless it is transposed or scaled.
 */
final class TiledGemm {
  /**
   * Block sizes: MC · KC is 192 kB, a panel of B 128 kB. Measured at 512 and 1024 with 16 lanes, in
   * percent of peak: 97 and 90; MC 192, KC 256 gives 89 and 88, MC 192, KC 128 gives 81 and 86.
   */
  private static final int MC = 96;

  private static final int KC = 512;
  private static final int NC = 1024;

  /** Above this size the rows of B lie on too many pages to be read in place. */
  private static final int IN_PLACE = 512;

  /** With fewer rows than this, packing B costs more than reading it badly. */
  private static final int FEW_ROWS = 48;

  private static final int W = MicroKernel.COLUMNS;

  private TiledGemm() {}

  /**
   * Adds the products onto the start.
   *
   * @param start where the sums start, element (i, j) at {@code startOffset + i·startRow + j}; null
   *     for zero
   */
  static void run(
      float alpha,
      Matrix a,
      Matrix b,
      float[] start,
      int startOffset,
      int startRow,
      Matrix c,
      Workspace workspace) {
    int n = c.columns();
    int k = a.columns();
    boolean large = Math.max(n, k) > IN_PLACE;
    boolean packB = b.isTransposed() || c.rows() > FEW_ROWS && large;
    Tile tile = workspace.tile();
    tile.c = c.array();
    tile.cRow = c.rowStep();
    tile.scratch = workspace.corner();
    for (int j0 = 0; j0 < n; j0 += NC) {
      int nc = Math.min(NC, n - j0);
      startFrom(tile, start, startOffset + j0, startRow);
      for (int p0 = 0; p0 == 0 || p0 < k; p0 += KC) {
        int kc = Math.min(KC, k - p0);
        if (packB) {
          packPanels(b, p0, kc, j0, nc, workspace);
        }
        block(alpha, a, b, packB, p0, kc, j0, nc, c, workspace);
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

  private static void packPanels(Matrix b, int p0, int kc, int j0, int nc, Workspace workspace) {
    float[] packed = workspace.packedB(kc * ((nc + W - 1) / W * W));
    for (int j = 0; j < nc; j += W) {
      packPanel(b, p0, kc, j0 + j, Math.min(W, nc - j), packed, j * kc, workspace);
    }
  }

  private static void packPanel(
      Matrix b,
      int p0,
      int kc,
      int column,
      int columns,
      float[] packed,
      int offset,
      Workspace workspace) {
    Packing.block(b, p0, column, kc, columns, 1f, packed, offset, W, workspace);
    Packing.pad(packed, offset, W, kc, columns, W);
  }

  /** One KC × NC block of B against all of A. */
  private static void block(
      float alpha,
      Matrix a,
      Matrix b,
      boolean packedB,
      int p0,
      int kc,
      int j0,
      int nc,
      Matrix c,
      Workspace workspace) {
    Tile tile = workspace.tile();
    boolean packA = a.isTransposed() || alpha != 1f;
    for (int i0 = 0; i0 < c.rows(); i0 += MC) {
      int mc = Math.min(MC, c.rows() - i0);
      if (packA) {
        tile.a = workspace.packedA(MC * KC);
        tile.aRow = kc;
        Packing.block(a, i0, p0, mc, kc, alpha, tile.a, 0, kc, workspace);
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
        if (packedB) {
          tile.b = workspace.packedB(0);
          tile.bOffset = j * kc;
          tile.bRow = W;
          panel(tile, mc, columns, aOffset, start, cOffset);
        } else {
          inPlace(tile, mc, columns, aOffset, b, p0, j0 + j, start, cOffset, workspace);
        }
      }
    }
  }

  /**
   * A panel of B where it stands. The tiles read whole vectors, also past the panel's last column,
   * where the values don't matter; but in the last rows of the last panel that would be past the
   * end of the array. Those rows go through a padded copy, onto the sums so far.
   */
  private static void inPlace(
      Tile tile,
      int mc,
      int columns,
      int aOffset,
      Matrix b,
      int p0,
      int column,
      int start,
      int cOffset,
      Workspace workspace) {
    int kc = tile.k;
    tile.b = b.array();
    tile.bOffset = b.index(p0, column);
    tile.bRow = b.rowStep();
    int spare = tile.b.length - tile.bOffset - MicroKernel.readColumns(columns);
    int safe = spare < 0 ? 0 : Math.min(kc, spare / tile.bRow + 1);
    tile.k = safe;
    panel(tile, mc, columns, aOffset, start, cOffset);
    if (safe < kc) {
      tile.k = kc - safe;
      tile.b = workspace.packedB(tile.k * W);
      tile.bOffset = 0;
      tile.bRow = W;
      packPanel(b, p0 + safe, tile.k, column, columns, tile.b, 0, workspace);
      float[] from = tile.start;
      int fromRow = tile.startRow;
      tile.start = tile.c;
      tile.startRow = tile.cRow;
      panel(tile, mc, columns, aOffset + safe, cOffset, cOffset);
      tile.start = from;
      tile.startRow = fromRow;
    }
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
