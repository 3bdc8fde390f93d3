package org.lanegrad.matmul;

/** Floats of half the width: the upper 16 bits of a float, 8 of them significant. */
final class Bfloat16 {
  /** Where a bfloat16 stands in the float that it is. */
  static final int MASK = 0xffff0000;

  private Bfloat16() {}

  /**
   * x to the nearest bfloat16, ties to even; what rounds beyond the largest one is ∞, and NaN stays
   * NaN.
   */
  static float rounded(float x) {
    int bits = Float.floatToRawIntBits(x);
    if (Float.isNaN(x)) {
      return Float.intBitsToFloat(bits & MASK | 1 << 22);
    }
    int lastBit = bits >>> 16 & 1;
    return Float.intBitsToFloat(bits + 0x7fff + lastBit & MASK);
  }

  /** Two of them in an int. */
  static int pair(float low, float high) {
    return Float.floatToRawIntBits(rounded(low)) >>> 16
        | Float.floatToRawIntBits(rounded(high)) & MASK;
  }
}
