package org.lanegrad.elementwise;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.activation.Activation;
import org.lanegrad.simd.Exp;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;

/**
 * y = eˣ; downstream = upstream · y, from the saved output.
 *
 * <ul>
 *   <li><b>Accuracy</b>: forward 1 ULP wherever the result is normal, one more rounding below;
 *       backward 2 ULP.
 *   <li><b>Special values</b>: exp(−Inf) = 0, exp(+Inf) = Inf, exp(±0) = 1; Inf from 88.73, 0 below
 *       −103.98.
 *   <li><b>Cost</b>: forward 22 flops and 8 bytes an element, backward 1 flop and 12 bytes.
 *   <li><b>Source</b>: argument reduction and polynomial as all exponentials here, see {@code Exp}.
 * </ul>
 */
public record Exponential() implements Activation {
  /** e^89 is beyond the largest float. */
  private static final float HIGHEST = 89f;

  @Override
  public Saved saved() {
    return Saved.OUTPUT;
  }

  @Override
  public void forward(float[] x, int xFrom, float[] y, int yFrom, int length) {
    Activation.checkForward(x, xFrom, y, yFrom, length);
    if (Simd.fills(length)) {
      Lanes.forward(x, xFrom, y, yFrom, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      y[yFrom + i] = exp(x[xFrom + i]);
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
      Lanes.backward(upstream, upstreamFrom, saved, savedFrom, downstream, downstreamFrom, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      downstream[downstreamFrom + i] = downstream(upstream[upstreamFrom + i], saved[savedFrom + i]);
    }
  }

  /** A power of two beyond the range of fp32 is taken in two steps. */
  private static float exp(float x) {
    float z = x < Exp.LOWEST ? Exp.LOWEST : x > HIGHEST ? HIGHEST : x;
    boolean positive = z > 0f;
    return Exp.scaled(z, positive ? 0x1p-64f : 0x1p64f) * (positive ? 0x1p64f : 0x1p-64f);
  }

  private static float downstream(float dy, float y) {
    return dy * y;
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static void forward(float[] from, int xFrom, float[] to, int yFrom, int length) {
      int last = length - L;
      FloatVector lastX = fromArray(S, from, xFrom + last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector x = pass == 0 ? fromArray(S, from, xFrom + i) : lastX;
          boolean extreme = x.abs().compare(GT, -Exp.LOWEST_NORMAL).anyTrue();
          FloatVector z = x;
          if (extreme) {
            z = z.blend(Exp.LOWEST, z.compare(LT, Exp.LOWEST));
            z = z.blend(HIGHEST, z.compare(GT, HIGHEST));
          }
          FloatVector t = z.fma(broadcast(S, Exp.LOG2_E), broadcast(S, Exp.ROUND));
          FloatVector n = t.sub(Exp.ROUND);
          FloatVector r = n.fma(broadcast(S, -Exp.LN2_HIGH), z);
          r = n.fma(broadcast(S, -Exp.LN2_LOW), r);
          FloatVector q = r.fma(broadcast(S, Exp.Q4), broadcast(S, Exp.Q3));
          q = q.fma(r, broadcast(S, Exp.Q2));
          q = q.fma(r, broadcast(S, Exp.Q1));
          q = q.fma(r, broadcast(S, Exp.Q0));
          q = r.mul(r).fma(q, r);
          IntVector exponent = t.reinterpretAsInts().lanewise(LSHL, 23);
          FloatVector power = exponent.add(Exp.ONE).reinterpretAsFloats();
          FloatVector value = q.fma(power, power);
          if (extreme) {
            VectorMask<Float> positive = z.compare(GT, 0f);
            FloatVector bias = broadcast(S, 0x1p64f).blend(0x1p-64f, positive);
            FloatVector unbias = broadcast(S, 0x1p-64f).blend(0x1p64f, positive);
            power = exponent.add(bias.reinterpretAsInts()).reinterpretAsFloats();
            value = q.fma(power, power).mul(unbias);
          }
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
        int length) {
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
          FloatVector gradient = dy.mul(y);
          gradient.intoArray(downstream, downstreamFrom + i);
        }
      }
    }
  }
}
