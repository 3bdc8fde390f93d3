package org.lanegrad.elementwise;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.activation.Activation;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;

/**
 * y = xⁿ for a whole n, by repeated squaring; downstream = upstream · n·xⁿ⁻¹.
 *
 * <ul>
 *   <li><b>Accuracy</b>: forward within n · 2^−24, backward within (n + 2) · 2^−24, relatively, for
 *       n below 0 twice that: the power of a reciprocal; and the last step of what is subnormal.
 *   <li><b>Special values</b>: x⁰ = 1 for every x, with a gradient of 0 for a finite upstream one;
 *       otherwise as IEEE multiplication and division say.
 *   <li><b>Cost</b>: up to 2·log₂|n| + 2 flops and 8 bytes an element forward, two more flops and
 *       12 bytes backward.
 *   <li><b>Source</b>: D. Knuth, The Art of Computer Programming, vol. 2, section 4.6.3.
 * </ul>
 *
 * @param n the exponent, −64 … 64: far beyond, the bound says little, and exp and log say more
 */
public record Power(int n) implements Activation {
  private static final int LARGEST = 64;

  /** n as given. */
  public Power {
    if (n < -LARGEST || n > LARGEST) {
      throw new IllegalArgumentException("n is " + n + ", expected −64 … 64");
    }
  }

  @Override
  public Saved saved() {
    return Saved.INPUT;
  }

  @Override
  public void forward(float[] x, int xFrom, float[] y, int yFrom, int length) {
    Activation.checkForward(x, xFrom, y, yFrom, length);
    if (Simd.fills(length)) {
      Lanes.times(1f, x, xFrom, n, null, 0, y, yFrom, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      y[yFrom + i] = power(x[xFrom + i], n);
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
    // x⁰ is constant, and 0·x⁻¹ would be NaN at 0
    int exponent = n == 0 ? 0 : n - 1;
    if (Simd.fills(length)) {
      Lanes.times(
          n,
          saved,
          savedFrom,
          exponent,
          upstream,
          upstreamFrom,
          downstream,
          downstreamFrom,
          length);
      return;
    }
    for (int i = 0; i < length; i++) {
      float slope = power(saved[savedFrom + i], exponent);
      downstream[downstreamFrom + i] = slope * upstream[upstreamFrom + i] * n;
    }
  }

  private static float power(float x, int n) {
    float result = 1f;
    float square = n < 0 ? 1f / x : x;
    for (int bits = Math.abs(n); bits != 0; bits >>>= 1) {
      result = (bits & 1) != 0 ? result * square : result;
      square *= square;
    }
    return result;
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    /** y = factor · xⁿ · up; without {@code up} if that is null. */
    static void times(
        float factor,
        float[] x,
        int xFrom,
        int n,
        float[] up,
        int upFrom,
        float[] y,
        int yFrom,
        int length) {
      int last = length - L;
      FloatVector one = broadcast(S, 1f);
      FloatVector lastX = fromArray(S, x, xFrom + last);
      FloatVector lastUp = up == null ? one : fromArray(S, up, upFrom + last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector square = pass == 0 ? fromArray(S, x, xFrom + i) : lastX;
          square = n < 0 ? one.div(square) : square;
          FloatVector result = one;
          for (int bits = Math.abs(n); bits != 0; bits >>>= 1) {
            result = (bits & 1) != 0 ? result.mul(square) : result;
            square = square.mul(square);
          }
          if (up != null) {
            result = result.mul(pass == 0 ? fromArray(S, up, upFrom + i) : lastUp);
          }
          result.mul(factor).intoArray(y, yFrom + i);
        }
      }
    }
  }
}
