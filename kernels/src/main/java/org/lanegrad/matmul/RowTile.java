package org.lanegrad.matmul;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.LSHL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.simd.FloatLanes;

/**
 * One row of A times packed panels that lie side by side, eight vectors of columns in all.
 *
 * <p>A single row is bound by the reading of B. The tiles' one row keeps two or four sums going,
 * which waits for the latency of each addition; eight are enough to take what the caches give.
 */
final class RowTile {
  private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
  private static final int L = FloatLanes.COUNT;
  private static final int W = MicroKernel.COLUMNS;

  /** Vectors in a row of a panel: four or two. */
  private static final int V = W / L;

  /** Vectors of pairs of halves in a row of a panel: two or one. */
  private static final int PAIRS_IN_ROW = V / 2;

  /** So many columns at a time. */
  static final int COLUMNS = 8 * L;

  private RowTile() {}

  /** Computes the tile, from floats or from halves. */
  static void run(Tile tile) {
    if (tile.halves == null) {
      floats(tile);
    } else {
      halves(tile);
    }
  }

  private static void floats(Tile t) {
    int k = t.k;
    float[] a = t.a;
    float[] b = t.b;
    float[] c = t.c;
    float[] start = t.start;
    int aOffset = t.aOffset;
    int bOffset = t.bOffset;
    // where the vectors of a row of B stand
    int step = t.panelStep;
    int o2 = 2 / V * step + 2 % V * L;
    int o3 = 3 / V * step + 3 % V * L;
    int o4 = 4 / V * step + 4 % V * L;
    int o5 = 5 / V * step + 5 % V * L;
    int o6 = 6 / V * step + 6 % V * L;
    int o7 = 7 / V * step + 7 % V * L;
    int s = t.startOffset;
    FloatVector c0 = fromArray(S, start, s);
    FloatVector c1 = fromArray(S, start, s + L);
    FloatVector c2 = fromArray(S, start, s + 2 * L);
    FloatVector c3 = fromArray(S, start, s + 3 * L);
    FloatVector c4 = fromArray(S, start, s + 4 * L);
    FloatVector c5 = fromArray(S, start, s + 5 * L);
    FloatVector c6 = fromArray(S, start, s + 6 * L);
    FloatVector c7 = fromArray(S, start, s + 7 * L);
    for (int p = 0; p < k; p++) {
      int q = bOffset + p * W;
      FloatVector x = broadcast(S, a[aOffset + p]);
      c0 = x.fma(fromArray(S, b, q), c0);
      c1 = x.fma(fromArray(S, b, q + L), c1);
      c2 = x.fma(fromArray(S, b, q + o2), c2);
      c3 = x.fma(fromArray(S, b, q + o3), c3);
      c4 = x.fma(fromArray(S, b, q + o4), c4);
      c5 = x.fma(fromArray(S, b, q + o5), c5);
      c6 = x.fma(fromArray(S, b, q + o6), c6);
      c7 = x.fma(fromArray(S, b, q + o7), c7);
    }
    int d = t.cOffset;
    c0.intoArray(c, d);
    c1.intoArray(c, d + L);
    c2.intoArray(c, d + 2 * L);
    c3.intoArray(c, d + 3 * L);
    c4.intoArray(c, d + 4 * L);
    c5.intoArray(c, d + 5 * L);
    c6.intoArray(c, d + 6 * L);
    c7.intoArray(c, d + 7 * L);
  }

  private static void halves(Tile t) {
    int k = t.k;
    float[] a = t.a;
    int[] b = t.halves;
    float[] c = t.c;
    float[] start = t.start;
    int aOffset = t.aOffset;
    int bOffset = t.bOffset;
    // where the pairs of a row of B stand
    int step = t.panelStep;
    int o1 = 1 / PAIRS_IN_ROW * step + 1 % PAIRS_IN_ROW * L;
    int o2 = 2 / PAIRS_IN_ROW * step + 2 % PAIRS_IN_ROW * L;
    int o3 = 3 / PAIRS_IN_ROW * step + 3 % PAIRS_IN_ROW * L;
    int s = t.startOffset;
    FloatVector c0 = fromArray(S, start, s);
    FloatVector c1 = fromArray(S, start, s + L);
    FloatVector c2 = fromArray(S, start, s + 2 * L);
    FloatVector c3 = fromArray(S, start, s + 3 * L);
    FloatVector c4 = fromArray(S, start, s + 4 * L);
    FloatVector c5 = fromArray(S, start, s + 5 * L);
    FloatVector c6 = fromArray(S, start, s + 6 * L);
    FloatVector c7 = fromArray(S, start, s + 7 * L);
    for (int p = 0; p < k; p++) {
      int q = bOffset + p * PAIRS_IN_ROW * L;
      FloatVector x = broadcast(S, a[aOffset + p]);
      IntVector p0 = IntVector.fromArray(Halves.PAIRS, b, q);
      c0 = x.fma(p0.lanewise(LSHL, 16).reinterpretAsFloats(), c0);
      c1 = x.fma(p0.and(Bfloat16.MASK).reinterpretAsFloats(), c1);
      IntVector p1 = IntVector.fromArray(Halves.PAIRS, b, q + o1);
      c2 = x.fma(p1.lanewise(LSHL, 16).reinterpretAsFloats(), c2);
      c3 = x.fma(p1.and(Bfloat16.MASK).reinterpretAsFloats(), c3);
      IntVector p2 = IntVector.fromArray(Halves.PAIRS, b, q + o2);
      c4 = x.fma(p2.lanewise(LSHL, 16).reinterpretAsFloats(), c4);
      c5 = x.fma(p2.and(Bfloat16.MASK).reinterpretAsFloats(), c5);
      IntVector p3 = IntVector.fromArray(Halves.PAIRS, b, q + o3);
      c6 = x.fma(p3.lanewise(LSHL, 16).reinterpretAsFloats(), c6);
      c7 = x.fma(p3.and(Bfloat16.MASK).reinterpretAsFloats(), c7);
    }
    int d = t.cOffset;
    c0.intoArray(c, d);
    c1.intoArray(c, d + L);
    c2.intoArray(c, d + 2 * L);
    c3.intoArray(c, d + 3 * L);
    c4.intoArray(c, d + 4 * L);
    c5.intoArray(c, d + 5 * L);
    c6.intoArray(c, d + 6 * L);
    c7.intoArray(c, d + 7 * L);
  }
}
