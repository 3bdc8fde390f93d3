package org.lanegrad.activation;

import org.lanegrad.check.Check;
import org.lanegrad.simd.Fma;
import org.lanegrad.simd.Simd;

/**
 * With t = a·x + b: y = high where t ≥ high, else leak·t + floor where t ≤ low, else t; downstream
 * = upstream · a, leak·a or 0. HardTanh, clip, HardSigmoid, LeakyReLU and ThresholdedReLU are its
 * cases; {@link Relu} is a faster one of its own.
 *
 * <p>"low &lt; t &lt; high", a bit an element, is all that the backward pass needs.
 *
 * <ul>
 *   <li><b>Accuracy</b>: t is one fused multiply-add, rounded once; with a = 1 and b = 0 all is
 *       exact but leak·x.
 *   <li><b>Special values</b>: NaN is passed on, and its gradient too. At a kink the gradient is
 *       that of the flat (or leaking) side, upstream · 0 on a flat one: NaN if upstream is
 *       infinite. clip with low above high gives high, as ONNX says.
 *   <li><b>Cost</b>: 6 flops forward, 2 backward, 8.125 bytes each way (12 from the output).
 *   <li><b>Source</b>: A. Maas et al., Rectifier Nonlinearities (2013); the rest as ONNX has them.
 * </ul>
 *
 * @param a the slope within
 * @param b the shift within
 * @param low the lower end, −Inf for none
 * @param high the upper end, +Inf for none
 * @param leak the slope below, as a multiple of a, 0 or more
 * @param floor the value below
 */
public record PiecewiseLinear(float a, float b, float low, float high, float leak, float floor)
    implements BitActivation {
  /** The numbers as given, NaN excepted. */
  public PiecewiseLinear {
    Check.finite("a", a);
    Check.finite("b", b);
    Check.number("low", low);
    Check.number("high", high);
    Check.atLeastZero("leak", leak);
    Check.number("floor", floor);
  }

  /** x where x &gt; 0, else slope·x. */
  public static PiecewiseLinear leakyRelu(float slope) {
    return new PiecewiseLinear(1f, -0f, 0f, Float.POSITIVE_INFINITY, slope, -0f);
  }

  /** x where x &gt; α, else 0; with α below 0 its output does not tell the sides apart. */
  public static PiecewiseLinear thresholdedRelu(float alpha) {
    return new PiecewiseLinear(1f, -0f, alpha, Float.POSITIVE_INFINITY, 0f, 0f);
  }

  /** min(max(x, low), high). */
  public static PiecewiseLinear clip(float low, float high) {
    return new PiecewiseLinear(1f, -0f, low, high, 0f, low > high ? high : low);
  }

  /** min(max(x, −1), 1). */
  public static PiecewiseLinear hardTanh() {
    return clip(-1f, 1f);
  }

  /** min(max(slope·x + shift, 0), 1); ONNX has 0.2 and 0.5, PyTorch 1/6 and 0.5. */
  public static PiecewiseLinear hardSigmoid(float slope, float shift) {
    return new PiecewiseLinear(slope, shift, 0f, 1f, 0f, 0f);
  }

  @Override
  public Saved saved() {
    return Saved.BITS;
  }

  @Override
  public void forward(float[] x, int xFrom, float[] y, int yFrom, int length) {
    Activation.checkForward(x, xFrom, y, yFrom, length);
    if (Simd.fills(length)) {
      PiecewiseLinearLanes.forward(x, xFrom, y, yFrom, length, this);
      return;
    }
    for (int i = 0; i < length; i++) {
      y[yFrom + i] = value(x[xFrom + i]);
    }
  }

  @Override
  public void forward(
      float[] x, int xFrom, float[] y, int yFrom, long[] bits, int bitsFrom, int length) {
    Activation.checkForward(x, xFrom, y, yFrom, length);
    Check.bits("bits", bits, bitsFrom, length);
    if (Simd.fills(length)) {
      PiecewiseLinearLanes.forward(x, xFrom, y, yFrom, bits, bitsFrom, length, this);
    } else {
      scalarForward(x, xFrom, y, yFrom, bits, bitsFrom, length);
    }
  }

  // apart: rows of a layer come one by one, and C2 inlines nothing into a half of a method that is
  // rare (ADR 13)
  private void scalarForward(
      float[] x, int xFrom, float[] y, int yFrom, long[] bits, int bitsFrom, int length) {
    for (int from = 0, count; from < length; from += count) {
      count = Math.min(64, length - from);
      long word = 0;
      for (int i = from; i < from + count; i++) {
        word |= (isWithin(Fma.of(x[xFrom + i], a, b)) ? 1L : 0L) << i;
        y[yFrom + i] = value(x[xFrom + i]);
      }
      bits[bitsFrom + (from >>> 6)] = word;
    }
  }

  @Override
  public void backward(
      float[] upstream,
      int upstreamFrom,
      long[] bits,
      int bitsFrom,
      float[] downstream,
      int downstreamFrom,
      int length) {
    Check.range("upstream", upstream, upstreamFrom, length);
    Check.bits("bits", bits, bitsFrom, length);
    Check.range("downstream", downstream, downstreamFrom, length);
    Check.sameOrSeparate(
        "downstream", downstream, downstreamFrom, "upstream", upstream, upstreamFrom, length);
    TwoSlopes.fromBits(
        upstream, upstreamFrom, bits, bitsFrom, downstream, downstreamFrom, length, a, leak * a);
  }

  /**
   * Reads the output y, which lies between low and high exactly where t does.
   *
   * @throws IllegalArgumentException if it does not: where the values below lie above low
   */
  @Override
  public void backward(
      float[] upstream,
      int upstreamFrom,
      float[] saved,
      int savedFrom,
      float[] downstream,
      int downstreamFrom,
      int length) {
    Activation.checkBackward(
        upstream, upstreamFrom, saved, savedFrom, downstream, downstreamFrom, length);
    if (leak * low + floor > low) {
      throw new IllegalArgumentException(
          "floor is "
              + floor
              + ", above low "
              + low
              + ": the output does not tell the sides apart, expected the bits");
    }
    TwoSlopes.fromOutput(
        upstream,
        upstreamFrom,
        saved,
        savedFrom,
        end(low),
        end(high),
        downstream,
        downstreamFrom,
        length,
        a,
        leak * a);
  }

  /** An end that is not there: no number compares with NaN, not even an infinite one. */
  static float end(float value) {
    return Float.isInfinite(value) ? Float.NaN : value;
  }

  private boolean isWithin(float t) {
    return !(t <= end(low)) && !(t >= end(high));
  }

  private float value(float x) {
    float t = Fma.of(x, a, b);
    if (t >= end(high)) {
      return high;
    }
    return t <= end(low) ? (leak == 0f ? floor : Fma.of(t, leak, floor)) : t;
  }
}
