package org.lanegrad.elementwise;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.activation.Activation;
import org.lanegrad.simd.Exp;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Log;
import org.lanegrad.simd.Simd;

/**
 * y = log x; downstream = upstream / x, from the saved input.
 *
 * <ul>
 *   <li><b>Accuracy</b>: forward 1 ULP, subnormal x included; backward 0.5 ULP.
 *   <li><b>Special values</b>: log(±0) = −Inf, log of a negative number is NaN, log(+Inf) = Inf.
 *   <li><b>Cost</b>: forward 34 flops and 8 bytes an element, backward 12 flops (a division) and 12
 *       bytes.
 *   <li><b>Source</b>: x = 2ⁿ·(1 + f) with 1 + f in [√½, √2); the polynomial is in {@code Log}.
 * </ul>
 */
public record Logarithm() implements Activation {
  @Override
  public Saved saved() {
    return Saved.INPUT;
  }

  @Override
  public void forward(float[] x, int xFrom, float[] y, int yFrom, int length) {
    Activation.checkForward(x, xFrom, y, yFrom, length);
    if (Simd.fills(length)) {
      Lanes.forward(x, xFrom, y, yFrom, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      y[yFrom + i] = log(x[xFrom + i]);
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

  private static float log(float x) {
    boolean subnormal = x < Float.MIN_NORMAL;
    float value = Log.of(subnormal ? x * 0x1p23f : x, subnormal ? 23f : 0f);
    value = x < Float.POSITIVE_INFINITY ? value : x;
    value = x == 0f ? Float.NEGATIVE_INFINITY : value;
    return x < 0f ? Float.NaN : value;
  }

  private static float downstream(float dy, float x) {
    return dy / x;
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    /** The formula stands in the loop: C2 boxes what a method of its length passes. */
    static void forward(float[] from, int xFrom, float[] to, int yFrom, int length) {
      int last = length - L;
      FloatVector lastX = fromArray(S, from, xFrom + last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector x = pass == 0 ? fromArray(S, from, xFrom + i) : lastX;
          IntVector bits = x.reinterpretAsInts();
          boolean extreme = bits.sub(Log.NORMAL).compare(GE, Log.NORMALS).anyTrue();
          VectorMask<Float> subnormal = x.compare(LT, Float.MIN_NORMAL);
          if (extreme) {
            bits = x.blend(x.mul(0x1p23f), subnormal).reinterpretAsInts();
          }
          IntVector power = bits.sub(Log.ROOT_HALF).lanewise(ASHR, 23);
          FloatVector f = bits.sub(power.lanewise(LSHL, 23)).reinterpretAsFloats().sub(1f);
          FloatVector n = power.add(Log.ROUND_BITS).reinterpretAsFloats().sub(Exp.ROUND);
          if (extreme) {
            n = n.sub(23f, subnormal);
          }
          FloatVector square = f.mul(f);
          FloatVector p = f.fma(broadcast(S, Log.P8), broadcast(S, Log.P7));
          p = p.fma(f, broadcast(S, Log.P6));
          p = p.fma(f, broadcast(S, Log.P5));
          p = p.fma(f, broadcast(S, Log.P4));
          p = p.fma(f, broadcast(S, Log.P3));
          p = p.fma(f, broadcast(S, Log.P2));
          p = p.fma(f, broadcast(S, Log.P1));
          p = p.fma(f, broadcast(S, Log.P0));
          p = n.fma(broadcast(S, Exp.LN2_LOW), square.mul(f).mul(p));
          p = square.fma(broadcast(S, -0.5f), p).add(f);
          FloatVector value = n.fma(broadcast(S, Exp.LN2_HIGH), p);
          if (extreme) {
            value = x.blend(value, x.compare(LT, Float.POSITIVE_INFINITY));
            value = value.blend(Float.NEGATIVE_INFINITY, x.compare(EQ, 0f));
            value = value.blend(Float.NaN, x.compare(LT, 0f));
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
          FloatVector x = pass == 0 ? fromArray(S, saved, savedFrom + i) : lastSaved;
          FloatVector dy = pass == 0 ? fromArray(S, upstream, upstreamFrom + i) : lastUpstream;
          FloatVector gradient = dy.div(x);
          gradient.intoArray(downstream, downstreamFrom + i);
        }
      }
    }
  }
}
