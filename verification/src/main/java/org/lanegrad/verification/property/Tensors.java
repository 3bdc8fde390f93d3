package org.lanegrad.verification.property;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/** Arbitrary numbers and arrays for kernels. */
public final class Tensors {
  private Tensors() {}

  /**
   * Every float there is, by its bits: NaNs, infinities, subnormals and both zeros included.
   * (jqwik's own floats have two decimals, which hides what rounding does.)
   */
  public static Arbitrary<Float> anyFloat() {
    return Arbitraries.integers().withoutEdgeCases().map(Float::intBitsToFloat);
  }

  /**
   * Floats with random mantissas and magnitudes between 2^−8 and 2^8, of either sign: products and
   * sums of them round, and neither overflow nor underflow.
   */
  public static Arbitrary<Float> moderateFloat() {
    return Arbitraries.integers()
        .withoutEdgeCases()
        .map(bits -> Float.intBitsToFloat(bits & 0x807f_ffff | (119 + (bits >>> 23 & 15)) << 23));
  }

  /** An array of moderate floats. */
  public static Arbitrary<float[]> array(int length) {
    return moderateFloat()
        .list()
        .ofSize(length)
        .map(
            list -> {
              float[] array = new float[length];
              for (int i = 0; i < length; i++) {
                array[i] = list.get(i);
              }
              return array;
            });
  }

  /** A size from 1 on, mostly small, with the edges of lanes and tiles among them. */
  public static Arbitrary<Integer> size(int max) {
    return Arbitraries.integers().between(1, max).edgeCases(e -> e.add(1, 4, 8, 16, 17));
  }
}
