package org.lanegrad.matmul;

/**
 * The operands of one register tile: where A, B, the start and C stand.
 *
 * <p>The loops around a tile move one of these along instead of passing fourteen arguments; it
 * lives in the {@link Workspace}, so a product allocates nothing.
 */
final class Tile {
  /** The number of products of each element, may be 0. */
  int k;

  /** A, row-major: element (i, p) at {@code aOffset + i·aRow + p}. */
  float[] a;

  int aOffset;
  int aRow;

  /** The distance between neighbours of a row of A: 1, except in {@link StreamedGemm}. */
  int aStep = 1;

  /**
   * B, row-major: element (p, j) at {@code bOffset + p·bRow + j}. Each row is read for {@link
   * MicroKernel#reach} columns, so there must be as many elements, whatever they are.
   */
  float[] b;

  int bOffset;
  int bRow;

  /** Whether B is a packed panel, in which each row's vectors lie one after the other. */
  boolean packedB;

  /** The panels as halves, or null; then {@code bOffset} and {@code panelStep} count ints. */
  int[] halves;

  /** Where a tile that packs B on the way leaves it. */
  float[] panel;

  int panelOffset;

  /** From one panel to the next, where B is packed. */
  int panelStep;

  /**
   * What the sums start from: C itself (β = 1, and every K block but the first), a bias row (row
   * stride 0), or a row of zeros (β = 0, which therefore never reads C).
   */
  float[] start;

  /** The start of element (0, j0) of the block of columns at hand. */
  int startBase;

  int startOffset;
  int startRow;

  /** C, row-major. */
  float[] c;

  int cOffset;
  int cRow;

  /**
   * Where the last vector of a row begins. Where C ends inside it, it overlaps the one before: a
   * column that is computed twice gets the same bits twice, and no mask is needed.
   */
  int lastVector;

  /**
   * The same in a row of B: there too where B is read in place, the last of a packed panel's row.
   */
  int lastOfB;
}
