package org.lanegrad.simd;

/**
 * a·b + c, rounded once: what the scalar loops use for the lanes' fused multiply-add.
 *
 * <p>Where the CPU has no such instruction, {@link Math#fma(float, float, float)} goes through
 * {@code BigDecimal}, thousands of times as slow. Then it is computed in double: the product of two
 * floats is exact there, and the sum is rounded to odd, so that rounding it once more, to a float,
 * gives what one rounding would have given (S. Boldo, G. Melquiond, Emulation of FMA and Correctly
 * Rounded Sums, 2008). The bits are the same on every machine.
 */
public final class Fma {
  private Fma() {}

  /** a·b + c. */
  public static float of(float a, float b, float c) {
    return Simd.FMA ? Math.fma(a, b, c) : inDouble(a, b, c);
  }

  static float inDouble(float a, float b, float c) {
    double product = (double) a * b;
    double sum = product + c;
    // what the sum's rounding lost, exactly (D. Knuth, The Art of Computer Programming, vol. 2)
    double back = sum - product;
    double lost = product - (sum - back) + (c - back);
    if (lost > 0 || lost < 0) {
      long bits = Double.doubleToRawLongBits(sum);
      long neighbour = lost > 0 == sum > 0 ? bits + 1 : bits - 1;
      sum = Double.longBitsToDouble((bits & 1) == 0 ? neighbour : bits);
    }
    return (float) sum;
  }
}
