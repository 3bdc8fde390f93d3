package org.lanegrad.activation;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Fma;
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
    if (Simd.fills(length)) {
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
    if (Simd.fills(length)) {
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
    return x >= 3f ? 1f : Fma.of(x, 2f * SIXTH, 0.5f);
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
          FloatVector value = x.add(3f).mul(SIXTH).mul(x);
          value = value.blend(x, x.compare(GE, 3f)).blend(0f, x.compare(LE, -3f));
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
          FloatVector slope = x.fma(broadcast(S, 2f * SIXTH), broadcast(S, 0.5f));
          slope = slope.blend(1f, x.compare(GE, 3f)).blend(0f, x.compare(LE, -3f));
          FloatVector gradient = dy.mul(slope);
          gradient.intoArray(downstream, downstreamFrom + i);
        }
      }
    }
  }
}
