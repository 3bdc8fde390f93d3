package org.lanegrad.matmul;

import static jdk.incubator.vector.VectorOperators.LSHL;

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
  /** A vector of pairs, as many as a vector has floats. */
  static final VectorSpecies<Integer> PAIRS = FloatLanes.SPECIES.withLanes(int.class);

  private static final int L = FloatLanes.COUNT;

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
}
