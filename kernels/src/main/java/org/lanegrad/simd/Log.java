package org.lanegrad.simd;

/**
 * log x for normal x &gt; 0, the formula that lanes, tails and the scalar loop share.
 *
 * <p>x = 2ⁿ·(1 + f) with 1 + f in [√½, √2); log(1 + f) = f − f²/2 + f³·P(f), P a minimax fit of
 * degree 8, 7.5e−10 relative; n·ln 2 is added in two parts.
 */
public final class Log {
  // spotless:off
  /** The coefficients of P, highest degree first. */
  public static final float P8 = 0x1.14576p-4f;
  public static final float P7 = -0x1.de510ap-4f;
  public static final float P6 = 0x1.e6fbc2p-4f;
  public static final float P5 = -0x1.fc1fa8p-4f;
  public static final float P4 = 0x1.23368cp-3f;
  public static final float P3 = -0x1.555c54p-3f;
  public static final float P2 = 0x1.99a4cp-3f;
  public static final float P1 = -0x1.000006p-2f;
  public static final float P0 = 0x1.555548p-2f;
  // spotless:on

  /** The bits of √½: subtracted, they put the change of exponent there. */
  public static final int ROOT_HALF = 0x3f3504f3;

  /**
   * Subtracted from the bits of a float, it leaves the normal numbers above 0, and no others, below
   * {@link #NORMALS}: one comparison of signed integers for all that is not normal.
   */
  public static final int NORMAL = 0x00800000 ^ Integer.MIN_VALUE;

  /** How many of them there are, from the lowest integer on. */
  public static final int NORMALS = 0x7f000000 ^ Integer.MIN_VALUE;

  /** The bits of {@link Exp#ROUND}: a small integer added to them is a float that far above it. */
  public static final int ROUND_BITS = 0x4b400000;

  /** 2^−126 is the smallest normal power of two; what a sum that large lost is 0 anyway. */
  public static final int MOST_SHIFT = 126 << 23;

  private Log() {}

  /** log x − less·log 2. */
  public static float of(float x, float less) {
    int power = Float.floatToRawIntBits(x) - ROOT_HALF >> 23;
    return of(mantissaLess1(x, power), power, less);
  }

  /** log(u + lost) for a {@code lost} below the last place of u. */
  public static float ofSum(float u, float lost) {
    int power = Float.floatToRawIntBits(u) - ROOT_HALF >> 23;
    float scale = Float.intBitsToFloat(Exp.ONE - Math.min(power << 23, MOST_SHIFT));
    return of(Fma.of(lost, scale, mantissaLess1(u, power)), power, 0f);
  }

  private static float mantissaLess1(float x, int power) {
    return Float.intBitsToFloat(Float.floatToRawIntBits(x) - (power << 23)) - 1f;
  }

  private static float of(float f, int power, float less) {
    float n = power - less;
    float square = f * f;
    float p = Fma.of(f, P8, P7);
    p = Fma.of(p, f, P6);
    p = Fma.of(p, f, P5);
    p = Fma.of(p, f, P4);
    p = Fma.of(p, f, P3);
    p = Fma.of(p, f, P2);
    p = Fma.of(p, f, P1);
    p = Fma.of(p, f, P0);
    p = Fma.of(n, Exp.LN2_LOW, square * f * p);
    p = Fma.of(square, -0.5f, p) + f;
    return Fma.of(n, Exp.LN2_HIGH, p);
  }
}
