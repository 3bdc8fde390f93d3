package org.lanegrad.matmul;

/**
 * Block sizes of {@link TiledGemm} and when B is packed, by the width of the register tile.
 * Percentages are of the FMA peak in the same run.
 */
final class Blocking {
  private static final boolean WIDE = MicroKernel.COLUMNS == 64;

  /**
   * MC · KC is 192 kB of A, a panel of B 128 kB or 32 kB. Wide, at 512 / 1024 / 2048: 94 / 94 / 90;
   * MC 192, KC 256 gives 92 / 90 / 84, MC 48, KC 1024 92 / 93 / 91.
   */
  static final int MC = 96;

  static final int KC = 512;
  static final int NC = 1024;

  /**
   * Above this many columns or rows B is not read in place again and again: its rows lie on too
   * many pages. A narrow panel uses one cache line of each page (8 lanes, 512: 83 in place, 97
   * packed).
   */
  private static final int IN_PLACE = WIDE ? 512 : 256;

  /**
   * With this many rows or fewer, packing B costs more than reading it badly. Wide, K = N = 1024, M
   * = 64: 95 in place, 79 packed; narrow, 49 in place.
   */
  private static final int FEW_ROWS = WIDE ? 256 : 8;

  private Blocking() {}

  /** Whether a B that is not transposed is packed. */
  static boolean packs(int m, int n, int k) {
    return m > FEW_ROWS && Math.max(n, k) > IN_PLACE;
  }
}
