package org.lanegrad.simd;

/**
 * e^x for x ≤ 0, the range that sigmoid, tanh and softmax need: the constants of the one formula
 * that lanes, tails and the scalar loop share operation by operation, so that all give the same
 * bits.
 *
 * <p>x = n·ln 2 + r with |r| ≤ ln 2 / 2; e^r = 1 + r + r²·q(r), q of degree 4; times 2^n.
 *
 * <ul>
 *   <li><b>Accuracy</b>: 1 ULP wherever the result is normal; below, one more rounding.
 *   <li><b>Special values</b>: NaN gives NaN, −Inf gives +0, ±0 gives 1.
 *   <li><b>Source</b>: argument reduction after W. J. Cody and W. Waite, Software Manual for the
 *       Elementary Functions (1980); the coefficients are a weighted minimax fit of ours.
 * </ul>
 */
public final class Exp {
  /** Adding it to a float of moderate size rounds that to an integer, left in the low bits. */
  public static final float ROUND = 0x1.8p23f;

  /**
   * Likewise, with 127 more in the low bits: shifted by 23 they are 2 to the power of the integer.
   */
  public static final float ROUND_BIASED = ROUND + 127;

  /** Below it e^x rounds to 0 (and n would leave its range). */
  public static final float LOWEST = -104f;

  /** From here down e^x is below the normal numbers, or too near them. */
  public static final float LOWEST_NORMAL = -87f;

  public static final float LOG2_E = 0x1.715476p0f; // 1.44269504

  /** ln 2 in two parts; n times the first is exact. */
  public static final float LN2_HIGH = 0x1.63p-1f;

  public static final float LN2_LOW = -0x1.bd0106p-13f; // -2.12194440e-4

  /**
   * ln 2 in one part, off by 2e−9: for exponents that are themselves a rounded difference, and so
   * off by 6e−8 of their size.
   */
  public static final float LN2 = 0x1.62e43p-1f;

  // spotless:off
  /**
   * The coefficients of q, highest degree first: within 5e−9 of e^r and 2e−8 of e^r − 1, and closest
   * near r = −0.31, where most roundings meet.
   */
  public static final float Q4 = 0x1.66acbcp-10f;
  public static final float Q3 = 0x1.1233fep-7f;
  public static final float Q2 = 0x1.555bdap-5f;
  public static final float Q1 = 0x1.55549ap-3f;
  public static final float Q0 = 0x1.fffffcp-2f;
  // spotless:on

  /**
   * Exponent bits of 2^64. With n down to −150 a scale of 2^n would underflow, so e^r is scaled by
   * 2^(n + 64), which is exact, and then by {@link #UNBIAS}, which rounds once.
   */
  public static final int BIASED_ONE = (127 + 64) << 23;

  /** 2^−64. */
  public static final float UNBIAS = 0x1p-64f;

  /** Exponent bits of 1. */
  public static final int ONE = 127 << 23;

  /** Exponent bits of ½. */
  public static final int ONE_HALF = 126 << 23;

  private Exp() {}

  /** e^x for x ≤ 0. */
  public static float ofNonPositive(float x) {
    float c = x < LOWEST ? LOWEST : x;
    float t = Fma.of(c, LOG2_E, ROUND);
    float scale = Float.intBitsToFloat((Float.floatToRawIntBits(t) << 23) + BIASED_ONE);
    return Fma.of(minus1(c, t - ROUND), scale, scale) * UNBIAS;
  }

  /**
   * e^x for x ≤ 0, and 0 for x below {@link #LOWEST_NORMAL}: within 1 ULP and |x|·2^−28 of it, for
   * an x that is a rounded difference and so off by |x|·2^−24 itself.
   */
  public static float normal(float x) {
    float t = Fma.of(x, LOG2_E, ROUND_BIASED);
    float n = t - ROUND_BIASED;
    float power = Float.intBitsToFloat(Float.floatToRawIntBits(t) << 23);
    return x < LOWEST_NORMAL ? 0f : Fma.of(minus1(Fma.of(n, -LN2, x)), power, power);
  }

  /** factor · e^x for {@code LOWEST ≤ x ≤ 0}, the product rounded once. */
  public static float times(float factor, float x) {
    float c = x < LOWEST ? LOWEST : x;
    float t = Fma.of(c, LOG2_E, ROUND);
    float scale = Float.intBitsToFloat((Float.floatToRawIntBits(t) << 23) + BIASED_ONE);
    return Fma.of(factor, minus1(c, t - ROUND), factor) * scale * UNBIAS;
  }

  /** scale · e^x for a power of two, x within [−104, 104], and a result in the normal range. */
  public static float scaled(float x, float scale) {
    float t = Fma.of(x, LOG2_E, ROUND);
    float power =
        Float.intBitsToFloat((Float.floatToRawIntBits(t) << 23) + Float.floatToRawIntBits(scale));
    return Fma.of(minus1(x, t - ROUND), power, power);
  }

  /** e^x − 1 for {@code LOWEST ≤ x ≤ 0} without cancellation: 2^n·(e^r − 1) + (2^n − 1). */
  public static float minus1OfNonPositive(float x) {
    float t = Fma.of(x, LOG2_E, ROUND);
    float scale = Float.intBitsToFloat((Float.floatToRawIntBits(t) << 23) + ONE);
    return Fma.of(scale, minus1(x, t - ROUND), scale - 1f);
  }

  /** (e^x − 1) / 2, likewise: e^x itself may be beyond the largest float. */
  public static float halfOfMinus1(float x) {
    float t = Fma.of(x, LOG2_E, ROUND);
    float half = Float.intBitsToFloat((Float.floatToRawIntBits(t) << 23) + ONE_HALF);
    return Fma.of(half, minus1(x, t - ROUND), half - 0.5f);
  }

  /** e^r − 1 for r = x − n·ln 2. */
  public static float minus1(float x, float n) {
    return minus1(Fma.of(n, -LN2_LOW, Fma.of(n, -LN2_HIGH, x)));
  }

  /** r + r²·q(r). */
  private static float minus1(float r) {
    float q = Fma.of(Q4, r, Q3);
    q = Fma.of(q, r, Q2);
    q = Fma.of(q, r, Q1);
    q = Fma.of(q, r, Q0);
    return Fma.of(r * r, q, r);
  }
}
