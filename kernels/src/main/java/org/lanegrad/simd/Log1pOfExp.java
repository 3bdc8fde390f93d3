package org.lanegrad.simd;

/**
 * log(1 + e) = e·P(e) for e in [0, 1], what softplus and the losses of logits need of e = e^−|x|.
 *
 * <p>P is a minimax fit of degree 9, 5.1e−9.
 */
public final class Log1pOfExp {
  // spotless:off
  /** The coefficients of P, highest degree first; the last one is 1. */
  public static final float P9 = -0x1.b2f48p-9f;
  public static final float P8 = 0x1.4b07a2p-6f;
  public static final float P7 = -0x1.d86298p-5f;
  public static final float P6 = 0x1.b5797cp-4f;
  public static final float P5 = -0x1.3a7a6cp-3f;
  public static final float P4 = 0x1.935c98p-3f;
  public static final float P3 = -0x1.ff26ep-3f;
  public static final float P2 = 0x1.554dfp-2f;
  public static final float P1 = -0x1.ffffd2p-2f;
  // spotless:on

  private Log1pOfExp() {}

  /** P(e). */
  public static float quotient(float e) {
    float p = Fma.of(e, P9, P8);
    p = Fma.of(p, e, P7);
    p = Fma.of(p, e, P6);
    p = Fma.of(p, e, P5);
    p = Fma.of(p, e, P4);
    p = Fma.of(p, e, P3);
    p = Fma.of(p, e, P2);
    p = Fma.of(p, e, P1);
    return Fma.of(p, e, 1f);
  }
}
