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
    forward(a, b, x, xFrom, y, yFrom, length);
  }

  /** y = a·x + b for an a and a b that are known only now: nothing is made for them. */
  public static void forward(
      float a, float b, float[] x, int xFrom, float[] y, int yFrom, int length) {
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
      FloatVector factor = broadcast(S, a);
      FloatVector shift = broadcast(S, b);
      int last = length - L;
      FloatVector x = fromArray(S, from, xFrom + last);
      int i = 0;
      // four at a time: compiled while arrays are short, C2 leaves so small a loop as it is
      for (; i < last - 3 * L; i += 4 * L) {
        fromArray(S, from, xFrom + i).fma(factor, shift).intoArray(to, yFrom + i);
        fromArray(S, from, xFrom + i + L).fma(factor, shift).intoArray(to, yFrom + i + L);
        fromArray(S, from, xFrom + i + 2 * L).fma(factor, shift).intoArray(to, yFrom + i + 2 * L);
        fromArray(S, from, xFrom + i + 3 * L).fma(factor, shift).intoArray(to, yFrom + i + 3 * L);
      }
      for (; i < last; i += L) {
        fromArray(S, from, xFrom + i).fma(factor, shift).intoArray(to, yFrom + i);
      }
      x.fma(factor, shift).intoArray(to, yFrom + last);
    }

    static void backward(
        float a,
        float[] upstream,
        int upstreamFrom,
        float[] downstream,
        int downstreamFrom,
        int length) {
      int last = length - L;
      FloatVector dy = fromArray(S, upstream, upstreamFrom + last);
      int i = 0;
      // four at a time: compiled while arrays are short, C2 leaves so small a loop as it is
      for (; i < last - 3 * L; i += 4 * L) {
        fromArray(S, upstream, upstreamFrom + i).mul(a).intoArray(downstream, downstreamFrom + i);
        fromArray(S, upstream, upstreamFrom + i + L)
            .mul(a)
            .intoArray(downstream, downstreamFrom + i + L);
        fromArray(S, upstream, upstreamFrom + i + 2 * L)
            .mul(a)
            .intoArray(downstream, downstreamFrom + i + 2 * L);
        fromArray(S, upstream, upstreamFrom + i + 3 * L)
            .mul(a)
            .intoArray(downstream, downstreamFrom + i + 3 * L);
      }
      for (; i < last; i += L) {
        fromArray(S, upstream, upstreamFrom + i).mul(a).intoArray(downstream, downstreamFrom + i);
      }
      dy.mul(a).intoArray(downstream, downstreamFrom + last);
    }
  }
}
