package org.lanegrad.activation;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.check.Check;
import org.lanegrad.simd.Exp;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;

/**
 * y = s·x for x &gt; 0, else s·α·(e^(x/w) − 1); downstream = upstream · (s where y &gt; 0, else (y
 * + s·α) / w), from the saved output. ELU, SELU and CELU are its cases.
 *
 * <p>The exponential less one is formed without cancellation, so that small x keep their relative
 * accuracy.
 *
 * <ul>
 *   <li><b>Accuracy</b>: forward 2.5 ULP for ELU, SELU and CELU. Backward 2 ULP of the formula in
 *       y; y itself is rounded, so against the derivative in x add |upstream| · 2^−24 · 6·s·α/w.
 *   <li><b>Special values</b>: y(−Inf) = −s·α with gradient 0; y(±0) = 0. At x = 0 the gradient is
 *       the one from the left.
 *   <li><b>Cost</b>: forward 20 flops and 8 bytes an element, backward 4 flops and 12 bytes.
 *   <li><b>Source</b>: D.-A. Clevert et al., Exponential Linear Units (2015); G. Klambauer et al.,
 *       Self-Normalizing Neural Networks (2017); J. Barron, Continuously Differentiable Exponential
 *       Linear Units (2017).
 * </ul>
 *
 * @param scale s, above 0
 * @param alpha α, 0 or more: below 0 the output would not tell the sides apart
 * @param width w, above 0
 */
public record ExponentialLinear(float scale, float alpha, float width) implements Activation {
  /** e^x − 1 rounds to −1 below −17.4; clamping here keeps Exp in its range. */
  private static final float SATURATED = -20f;

  /** The three numbers as given. */
  public ExponentialLinear {
    Check.positive("scale", scale);
    Check.atLeastZero("alpha", alpha);
    Check.positive("width", width);
  }

  /** ELU: s = 1, w = 1. */
  public static ExponentialLinear elu(float alpha) {
    return new ExponentialLinear(1f, alpha, 1f);
  }

  /** SELU: s = 1.0507, α = 1.67326, w = 1, for which mean 0 and variance 1 are a fixed point. */
  public static ExponentialLinear selu() {
    return new ExponentialLinear(1.050701f, 1.6732632f, 1f);
  }

  /** CELU: s = 1, w = α, so that the slope is 1 on both sides of 0. */
  public static ExponentialLinear celu(float alpha) {
    return new ExponentialLinear(1f, alpha, alpha);
  }

  @Override
  public Saved saved() {
    return Saved.OUTPUT;
  }

  @Override
  public void forward(float[] x, int xFrom, float[] y, int yFrom, int length) {
    Activation.checkForward(x, xFrom, y, yFrom, length);
    if (Simd.fills(length)) {
      Lanes.forward(x, xFrom, y, yFrom, length, scale, alpha, width);
      return;
    }
    for (int i = 0; i < length; i++) {
      y[yFrom + i] = value(x[xFrom + i], scale, alpha, width);
    }
  }

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
    if (Simd.fills(length)) {
      Lanes.backward(
          upstream,
          upstreamFrom,
          saved,
          savedFrom,
          downstream,
          downstreamFrom,
          length,
          scale,
          alpha,
          width);
      return;
    }
    for (int i = 0; i < length; i++) {
      downstream[downstreamFrom + i] =
          upstream[upstreamFrom + i] * slope(saved[savedFrom + i], scale, alpha, width);
    }
  }

  private static float value(float x, float scale, float alpha, float width) {
    if (x > 0f) {
      return scale * x;
    }
    float z = x / width;
    z = z < SATURATED ? SATURATED : z;
    return scale * alpha * Exp.minus1OfNonPositive(z);
  }

  private static float slope(float y, float scale, float alpha, float width) {
    // by arithmetic, since the sign of an activation's output is what no branch predictor knows
    int positive = (int) Math.max(Math.signum(y), 0f);
    float below = (Math.min(y, 0f) + scale * alpha) / width;
    int bits = Float.floatToRawIntBits(below);
    return Float.intBitsToFloat(bits ^ (bits ^ Float.floatToRawIntBits(scale)) & -positive);
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static void forward(
        float[] from,
        int xFrom,
        float[] to,
        int yFrom,
        int length,
        float scale,
        float alpha,
        float width) {
      boolean unit = width == 1f;
      int last = length - L;
      FloatVector lastX = fromArray(S, from, xFrom + last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector x = pass == 0 ? fromArray(S, from, xFrom + i) : lastX;
          VectorMask<Float> positive = x.compare(GT, 0f);
          FloatVector z = (unit ? x : x.div(width)).blend(0f, positive);
          z = z.blend(SATURATED, z.compare(LT, SATURATED));
          FloatVector t = z.fma(broadcast(S, Exp.LOG2_E), broadcast(S, Exp.ROUND));
          FloatVector n = t.sub(Exp.ROUND);
          FloatVector r = n.fma(broadcast(S, -Exp.LN2_HIGH), z);
          r = n.fma(broadcast(S, -Exp.LN2_LOW), r);
          FloatVector q = r.fma(broadcast(S, Exp.Q4), broadcast(S, Exp.Q3));
          q = q.fma(r, broadcast(S, Exp.Q2));
          q = q.fma(r, broadcast(S, Exp.Q1));
          q = q.fma(r, broadcast(S, Exp.Q0));
          q = r.mul(r).fma(q, r);
          FloatVector power =
              t.reinterpretAsInts().lanewise(LSHL, 23).add(Exp.ONE).reinterpretAsFloats();
          FloatVector m = power.fma(q, power.sub(1f));
          FloatVector value = m.mul(scale * alpha).blend(x.mul(scale), positive);
          value.intoArray(to, yFrom + i);
        }
      }
    }

    static void backward(
        float[] upstream,
        int upstreamFrom,
        float[] saved,
        int savedFrom,
        float[] downstream,
        int downstreamFrom,
        int length,
        float scale,
        float alpha,
        float width) {
      int last = length - L;
      FloatVector lastSaved = fromArray(S, saved, savedFrom + last);
      FloatVector lastUpstream = fromArray(S, upstream, upstreamFrom + last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector y = pass == 0 ? fromArray(S, saved, savedFrom + i) : lastSaved;
          FloatVector dy = pass == 0 ? fromArray(S, upstream, upstreamFrom + i) : lastUpstream;
          FloatVector slope = y.add(scale * alpha).div(width);
          FloatVector gradient = dy.mul(slope.blend(scale, y.compare(GT, 0f)));
          gradient.intoArray(downstream, downstreamFrom + i);
        }
      }
    }
  }
}
