package org.lanegrad.elementwise;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.activation.Activation;
import org.lanegrad.check.Check;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Fma;
import org.lanegrad.simd.Simd;

/**
 * y = a·x + b: negation (−1, 0), a scale (a, 0), a shift (1, b); downstream = a · upstream.
 *
 * <p>The backward pass reads nothing that was saved.
 *
 * <ul>
 *   <li><b>Accuracy</b>: each way rounded once, 0.5 ULP.
 *   <li><b>Cost</b>: forward 2 flops and 8 bytes an element, backward 1 flop and 8 bytes.
 * </ul>
 *
 * @param a the factor, finite
 * @param b the shift, finite
 */
public record Affine(float a, float b) implements Activation {
  /** a and b as given. */
  public Affine {
    Check.finite("a", a);
    Check.finite("b", b);
  }

  /** −x. */
  public static Affine negation() {
    return scale(-1f);
  }

  /** a·x. */
  public static Affine scale(float a) {
    return new Affine(a, -0f); // 0 + −0 = 0 and −0 + −0 = −0: zeros keep their sign
  }

  /** x + b. */
  public static Affine shift(float b) {
    return new Affine(1f, b);
  }

  @Override
  public Saved saved() {
    return Saved.OUTPUT;
  }

  @Override
  public void forward(float[] x, int xFrom, float[] y, int yFrom, int length) {
    Activation.checkForward(x, xFrom, y, yFrom, length);
    if (Simd.fills(length)) {
      Lanes.forward(a, b, x, xFrom, y, yFrom, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      y[yFrom + i] = Fma.of(a, x[xFrom + i], b);
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
      Lanes.backward(a, upstream, upstreamFrom, downstream, downstreamFrom, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      downstream[downstreamFrom + i] = a * upstream[upstreamFrom + i];
    }
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static void forward(
        float a, float b, float[] from, int xFrom, float[] to, int yFrom, int length) {
      int last = length - L;
      FloatVector lastX = fromArray(S, from, xFrom + last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector x = pass == 0 ? fromArray(S, from, xFrom + i) : lastX;
          x.fma(broadcast(S, a), broadcast(S, b)).intoArray(to, yFrom + i);
        }
      }
    }

    static void backward(
        float a,
        float[] upstream,
        int upstreamFrom,
        float[] downstream,
        int downstreamFrom,
        int length) {
      int last = length - L;
      FloatVector lastUpstream = fromArray(S, upstream, upstreamFrom + last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector dy = pass == 0 ? fromArray(S, upstream, upstreamFrom + i) : lastUpstream;
          dy.mul(a).intoArray(downstream, downstreamFrom + i);
        }
      }
    }
  }
}
