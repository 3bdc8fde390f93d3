package org.lanegrad.activation;

import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.check.Check;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;

/**
 * y = 1 for x &gt; θ, else 0: a step. Its derivative is 0 wherever it has one, and downstream =
 * upstream · 0 says so: nothing is learned through it.
 *
 * <ul>
 *   <li><b>Accuracy</b>: exact.
 *   <li><b>Special values</b>: NaN gives NaN; an infinite or NaN upstream gradient times 0 is NaN.
 *   <li><b>Cost</b>: forward 2 flops and 8 bytes an element, backward 1 flop and 8 bytes.
 *   <li><b>Source</b>: F. Rosenblatt, The Perceptron (1958).
 * </ul>
 *
 * @param theta θ, not NaN
 */
public record Threshold(float theta) implements Activation {
  /** θ as given; it must be a number. */
  public Threshold {
    Check.number("theta", theta);
  }

  @Override
  public Saved saved() {
    return Saved.OUTPUT;
  }

  @Override
  public void forward(float[] x, int xFrom, float[] y, int yFrom, int length) {
    Activation.checkForward(x, xFrom, y, yFrom, length);
    if (Simd.fills(length)) {
      Lanes.forward(x, xFrom, y, yFrom, length, theta);
      return;
    }
    for (int i = 0; i < length; i++) {
      float v = x[xFrom + i];
      y[yFrom + i] = v > theta ? 1f : v <= theta ? 0f : v;
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
      Lanes.backward(upstream, upstreamFrom, downstream, downstreamFrom, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      downstream[downstreamFrom + i] = upstream[upstreamFrom + i] * 0f;
    }
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static void forward(float[] x, int xFrom, float[] y, int yFrom, int length, float theta) {
      int last = length - L;
      FloatVector lastX = fromArray(S, x, xFrom + last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector v = pass == 0 ? fromArray(S, x, xFrom + i) : lastX;
          FloatVector value = v.blend(1f, v.compare(GT, theta)).blend(0f, v.compare(LE, theta));
          value.intoArray(y, yFrom + i);
        }
      }
    }

    static void backward(
        float[] upstream, int upstreamFrom, float[] downstream, int downstreamFrom, int length) {
      int last = length - L;
      FloatVector dy = fromArray(S, upstream, upstreamFrom + last);
      int i = 0;
      // four at a time: compiled while arrays are short, C2 leaves so small a loop as it is
      for (; i < last - 3 * L; i += 4 * L) {
        fromArray(S, upstream, upstreamFrom + i).mul(0f).intoArray(downstream, downstreamFrom + i);
        fromArray(S, upstream, upstreamFrom + i + L)
            .mul(0f)
            .intoArray(downstream, downstreamFrom + i + L);
        fromArray(S, upstream, upstreamFrom + i + 2 * L)
            .mul(0f)
            .intoArray(downstream, downstreamFrom + i + 2 * L);
        fromArray(S, upstream, upstreamFrom + i + 3 * L)
            .mul(0f)
            .intoArray(downstream, downstreamFrom + i + 3 * L);
      }
      for (; i < last; i += L) {
        fromArray(S, upstream, upstreamFrom + i).mul(0f).intoArray(downstream, downstreamFrom + i);
      }
      dy.mul(0f).intoArray(downstream, downstreamFrom + last);
    }
  }
}
