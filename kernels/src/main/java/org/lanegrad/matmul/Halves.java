package org.lanegrad.matmul;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.LSHL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.simd.FloatLanes;

/**
 * Panels of half the width: pairs of {@link Bfloat16} in ints.
 *
 * <p>Of each pair of vectors, the first stands in the low halves of the ints and the second in the
 * high ones, so that a shift and a mask give both back. A conversion from an array of shorts would
 * run at half the speed.
 */
final class Halves {
  private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
  private static final VectorSpecies<Integer> PAIRS = S.withLanes(int.class);
  private static final int L = FloatLanes.COUNT;
  private static final int W = MicroKernel.COLUMNS;

  /** Vectors of pairs in a row of a panel: two or one. */
  private static final int V = W / (2 * L);

  private Halves() {}

  /** Rounds and pairs what stands from {@code start} on, a multiple of two vectors' length. */
  static int[] of(float[] floats, int start) {
    int count = (floats.length - start) / 2;
    int[] halves = new int[start + count];
    for (int i = 0; i < count; i++) {
      int low = start + i / L * 2 * L + i % L;
      halves[start + i] = Bfloat16.pair(floats[low], floats[low + L]);
    }
    return halves;
  }

  /** The {@code length} floats that start at a pair, as panels of floats have them. */
  static void expand(int[] halves, int offset, int length, float[] to) {
    for (int i = 0; i < length; i += 2 * L) {
      IntVector pairs = IntVector.fromArray(PAIRS, halves, offset + i / 2);
      pairs.lanewise(LSHL, 16).reinterpretAsFloats().intoArray(to, i);
      pairs.and(Bfloat16.MASK).reinterpretAsFloats().intoArray(to, i + L);
    }
  }

  /** What {@link RowTile} does, from halves. */
  static void rowTile(Tile t) {
    int k = t.k;
    float[] a = t.a;
    int[] b = t.halves;
    float[] c = t.c;
    float[] start = t.start;
    int aOffset = t.aOffset;
    int bOffset = t.bOffset;
    // where the pairs of a row of B stand
    int step = t.panelStep;
    int o1 = 1 / V * step + 1 % V * L;
    int o2 = 2 / V * step + 2 % V * L;
    int o3 = 3 / V * step + 3 % V * L;
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
      int q = bOffset + p * (W / 2);
      FloatVector x = broadcast(S, a[aOffset + p]);
      IntVector p0 = IntVector.fromArray(PAIRS, b, q);
      c0 = x.fma(p0.lanewise(LSHL, 16).reinterpretAsFloats(), c0);
      c1 = x.fma(p0.and(Bfloat16.MASK).reinterpretAsFloats(), c1);
      IntVector p1 = IntVector.fromArray(PAIRS, b, q + o1);
      c2 = x.fma(p1.lanewise(LSHL, 16).reinterpretAsFloats(), c2);
      c3 = x.fma(p1.and(Bfloat16.MASK).reinterpretAsFloats(), c3);
      IntVector p2 = IntVector.fromArray(PAIRS, b, q + o2);
      c4 = x.fma(p2.lanewise(LSHL, 16).reinterpretAsFloats(), c4);
      c5 = x.fma(p2.and(Bfloat16.MASK).reinterpretAsFloats(), c5);
      IntVector p3 = IntVector.fromArray(PAIRS, b, q + o3);
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
