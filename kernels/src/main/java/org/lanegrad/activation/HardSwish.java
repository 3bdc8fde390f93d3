package org.lanegrad.activation;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;

/**
 * y = x · h(x), h(x) = min(max(x/6 + ½, 0), 1); downstream = upstream · (0 for x ≤ −3, 1 for x ≥ 3,
 * x/3 + ½ between), from the saved input.
 *
 * <ul>
 *   <li><b>Accuracy</b>: forward 2.5 ULP, backward 1.5 · 2^−24 · |upstream|.
 *   <li><b>Special values</b>: hardSwish(−Inf) = 0 and hardSwish(+Inf) = Inf; at the kinks −3 and 3
 *       the gradient is 0 and 1, from the subgradients [−½, 0] and [1, 3/2].
 *   <li><b>Cost</b>: forward 4 flops and 8 bytes an element, backward 4 flops and 12 bytes.
 *   <li><b>Source</b>: A. Howard et al., Searching for MobileNetV3 (2019); the kinks as ONNX and
 *       PyTorch have them.
 * </ul>
 */
public record HardSwish() implements Activation {
  private static final float SIXTH = 1f / 6f;

  @Override
  public Saved saved() {
    return Saved.INPUT;
  }

  @Override
  public void forward(float[] x, int xFrom, float[] y, int yFrom, int length) {
    Activation.checkForward(x, xFrom, y, yFrom, length);
    if (Simd.LANES) {
      Lanes.forward(x, xFrom, y, yFrom, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      y[yFrom + i] = value(x[xFrom + i]);
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
    if (Simd.LANES) {
      Lanes.backward(upstream, upstreamFrom, saved, savedFrom, downstream, downstreamFrom, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      downstream[downstreamFrom + i] = upstream[upstreamFrom + i] * slope(saved[savedFrom + i]);
    }
  }

  private static float value(float x) {
    if (x <= -3f) {
      return 0f;
    }
    return x >= 3f ? x : (x + 3f) * SIXTH * x;
  }

  private static float slope(float x) {
    if (x <= -3f) {
      return 0f;
    }
    return x >= 3f ? 1f : Math.fma(x, 2f * SIXTH, 0.5f);
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static void forward(float[] from, int xFrom, float[] to, int yFrom, int length) {
      for (int start = 0, end = S.loopBound(length); start < length; start = end, end = length) {
        int count = end - start;
        boolean whole = count >= L;
        VectorMask<Float> tail = S.indexInRange(0, count);
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector x =
              whole ? fromArray(S, from, xFrom + i) : fromArray(S, from, xFrom + i, tail);
          FloatVector value = x.add(3f).mul(SIXTH).mul(x);
          value = value.blend(x, x.compare(GE, 3f)).blend(0f, x.compare(LE, -3f));
          if (whole) {
            value.intoArray(to, yFrom + i);
          } else {
            value.intoArray(to, yFrom + i, tail);
          }
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
      for (int start = 0, end = S.loopBound(length); start < length; start = end, end = length) {
        int count = end - start;
        boolean whole = count >= L;
        VectorMask<Float> tail = S.indexInRange(0, count);
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector x =
              whole ? fromArray(S, saved, savedFrom + i) : fromArray(S, saved, savedFrom + i, tail);
          FloatVector dy =
              whole
                  ? fromArray(S, upstream, upstreamFrom + i)
                  : fromArray(S, upstream, upstreamFrom + i, tail);
          FloatVector slope = x.fma(broadcast(S, 2f * SIXTH), broadcast(S, 0.5f));
          slope = slope.blend(1f, x.compare(GE, 3f)).blend(0f, x.compare(LE, -3f));
          FloatVector gradient = dy.mul(slope);
          if (whole) {
            gradient.intoArray(downstream, downstreamFrom + i);
          } else {
            gradient.intoArray(downstream, downstreamFrom + i, tail);
          }
        }
      }
    }
  }
}
