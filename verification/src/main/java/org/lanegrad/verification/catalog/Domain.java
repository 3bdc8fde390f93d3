package org.lanegrad.verification.catalog;

import java.util.SplittableRandom;

/**
 * Where an op is tested.
 *
 * @param low the lower end of the random inputs
 * @param high the upper end of the random inputs
 * @param specials inputs that are tried besides, each on its own: kinks, NaN, infinities, zeros,
 *     subnormals; for elementwise ops
 */
@SuppressWarnings("ArrayRecordComponent") // a constant of the catalog, never compared
public record Domain(double low, double high, float[] specials) {
  /** What every elementwise op is tried on. */
  private static final float[] COMMON = {
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    0f,
    -0f,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MIN_NORMAL,
    -Float.MIN_NORMAL,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    1f,
    -1f
  };

  /** For an elementwise op. */
  public static Domain elementwise(double low, double high) {
    return new Domain(low, high, COMMON);
  }

  /** For an op that mixes its inputs, where a special value would spoil all of the others. */
  public static Domain mixing(double low, double high) {
    return new Domain(low, high, new float[0]);
  }

  /** Random inputs that fp32 holds exactly. */
  public double[] sample(int size, SplittableRandom random) {
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextDouble(low, high);
    }
    return values;
  }
}
