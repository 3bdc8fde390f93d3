package org.lanegrad.simd;

/** Two floats in a long: the result of a method that has two of them and may not allocate. */
public final class FloatPair {
  private FloatPair() {}

  /** The pair. */
  public static long of(float first, float second) {
    return (long) Float.floatToRawIntBits(first) << 32
        | Integer.toUnsignedLong(Float.floatToRawIntBits(second));
  }

  /** The first of a pair. */
  public static float first(long pair) {
    return Float.intBitsToFloat((int) (pair >>> 32));
  }

  /** The second of a pair. */
  public static float second(long pair) {
    return Float.intBitsToFloat((int) pair);
  }
}
