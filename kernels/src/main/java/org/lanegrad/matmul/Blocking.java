package org.lanegrad.matmul;

import org.lanegrad.simd.FloatLanes;

/**
 * Block sizes of {@link TiledGemm} and what is packed, by the width of the register tile.
 * Percentages are of the FMA peak in the same run.
 */
final class Blocking {
  private static final boolean WIDE = MicroKernel.WIDE;

  /**
   * MC · KC is 192 kB of A, a panel of B 128 kB or 32 kB. Wide, at 512 / 1024 / 2048: 96 / 94 / 92;
   * MC 192, KC 256 gives 90 / 86 / 85. Narrow: 95 / 95 / 93; MC 120, KC 256 gives 93 / 90 / 91.
   */
  private static final int MC = 96;

  private static final int KC = 512;

  /**
   * The columns of a block: KC · NC is 512 kB of B, which the blocks of A find in the L2 cache.
   * Wide, at 512 / 1024 / 2048: 86 / 82 / 84; NC 1024 gives 83 / 81 / 82, on CPUs with a fast L3
   * cache the same (Intel; Zen 5).
   */
  static final int NC = WIDE ? 256 : 2048;

  /** From one row of a narrow tile's packed A to the next. */
  static final int A_ROW = KC + 8;

  /**
   * From here on a wide tile has B packed: rows of B that lie on many pages, and vectors that cross
   * cache lines, cost more than the stores of packing on the way. 64³ / 128³ / 256³ / 512³: 86 / 92
   * / 93 / 95 packed, 43–84 / 73–93 / 73–92 / 66–89 in place, by where the arrays lie.
   */
  private static final int PACKED_ROWS = 24;

  /**
   * From here on where B is large: M = 12 / 16 / 20 of 1024² at 39 / 42 / 46 packed, 33 / 32 / 31
   * in place, of 512² at 61 / 64 / 62, 63 / 60 / 55 in place (Intel). Of 256² in place is 7 to 12 %
   * faster.
   */
  private static final int FEW_PACKED_ROWS = 12;

  private static final int LARGE = 1 << 17;

  private Blocking() {}

  /** Whether a B that is not transposed is packed. A narrow tile reads packed panels only. */
  static boolean packs(int m, int k, int n) {
    return !WIDE || m >= ((long) k * n < LARGE ? PACKED_ROWS : FEW_PACKED_ROWS);
  }

  /** Whether an A of so many rows that could be read in place is packed all the same. */
  static boolean packsA(int rows) {
    return !WIDE && rows >= MicroKernel.LEAST_ROWS;
  }

  /**
   * From one row of a packed A to the next. The gap keeps rows from meeting in the same sets of the
   * L1 cache, which costs a transposing pack a quarter to two fifths of its time at 512 and 1024.
   */
  static int aRow(int kc) {
    return WIDE ? kc + FloatLanes.COUNT : A_ROW;
  }

  /** The rows of a block, equal shares of two tiles' multiples. */
  static int mc(int m) {
    return share(m, MC, 12);
  }

  /** The part of k of a block, in equal shares. */
  static int kc(int k) {
    return share(k, KC, 8);
  }

  /** The room that blocks of A take. */
  static int roomForA() {
    return MC * (KC + FloatLanes.COUNT + 8);
  }

  /** The room that a panel of B takes. */
  static int roomForPanel() {
    return KC * MicroKernel.COLUMNS;
  }

  /**
   * The room of a workspace's panels that take so many floats. Beyond a quarter of a megabyte it is
   * two at least: G1 starts arrays of half a region at a cache line, and regions have up to four in
   * heaps of 8 GB. At 512³ that is 86 for 75 (Intel).
   */
  static int roomForPanels(int floats) {
    return floats < 1 << 16 ? floats : Math.max(floats, 1 << 19);
  }

  /** The room that a panel of C takes. */
  static int roomForEdge() {
    return MC * MicroKernel.COLUMNS;
  }

  /**
   * The least multiple of {@code unit} that covers {@code size} in as few parts as {@code most}
   * does.
   */
  private static int share(int size, int most, int unit) {
    int parts = (size + most - 1) / most;
    int share = parts < 2 ? size : (size + parts - 1) / parts;
    return Math.min(most, (share + unit - 1) / unit * unit);
  }
}
