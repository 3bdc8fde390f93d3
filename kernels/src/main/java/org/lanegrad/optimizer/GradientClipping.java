package org.lanegrad.optimizer;

import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.check.Check;
import org.lanegrad.reduction.Reductions;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;

/**
 * By norm: g ← g·min(1, c / ‖g‖₂), the norm over all arrays together; by value: g ← min(max(g, −c),
 * c).
 *
 * <ul>
 *   <li><b>Aliasing</b>: by norm the arrays must be different ones; one that came twice would count
 *       twice.
 *   <li><b>Accuracy</b>: by norm 80 · 2^−24 relative, by value exact.
 *   <li><b>Special values</b>: a gradient of NaN or ±Inf makes the norm, and with it every
 *       gradient, NaN or 0, so look at what is returned; by value NaN stays. Finite gradients of
 *       any size have the norm that they have: where squares leave fp32, they are added once more
 *       in double, at the speed of a scalar loop. c = +Inf clips nothing.
 *   <li><b>Cost</b>: by norm 3 flops and 4 bytes an element, 1 flop and 8 bytes more if it clips;
 *       by value 2 flops and 8 bytes.
 *   <li><b>Source</b>: R. Pascanu et al., On the Difficulty of Training Recurrent Neural Networks
 *       (2012).
 * </ul>
 */
public final class GradientClipping {
  private static final double LEAST_SQUARE = 0x1p-120;

  private GradientClipping() {}

  /** Scales all gradients down to a norm of at most {@code most}; returns the norm before. */
  public static float byNorm(float most, float[]... gradients) {
    check(most, gradients);
    checkEachOnce(gradients);
    double norm = Math.sqrt(sumOfSquares(gradients));
    if (!(norm <= most)) {
      float factor = (float) (most / norm);
      for (float[] g : gradients) {
        scale(g, factor);
      }
    }
    return (float) norm;
  }

  /** Cuts each element off at ±{@code most}. */
  public static void byValue(float most, float[]... gradients) {
    check(most, gradients);
    for (float[] g : gradients) {
      cut(g, most);
    }
  }

  private static void check(float most, float[][] gradients) {
    if (!(most > 0f)) {
      throw new IllegalArgumentException("most is " + most + ", expected a number above 0");
    }
    Check.notNull("gradients", gradients, "arrays");
    for (float[] g : gradients) {
      Check.notNull("gradients", g, "a float[] each");
    }
  }

  private static void checkEachOnce(float[][] gradients) {
    for (int i = 0; i < gradients.length; i++) {
      for (int k = 0; k < i; k++) {
        if (gradients[i] == gradients[k]) {
          throw new IllegalArgumentException(
              "gradients[" + i + "] is gradients[" + k + "] again, expected each array once");
        }
      }
    }
  }

  private static double sumOfSquares(float[][] gradients) {
    double squares = 0;
    long elements = 0;
    for (float[] g : gradients) {
      squares += Reductions.sumOfSquares(g, 0, g.length);
      elements += g.length;
    }
    // below, what each square lost under the normal numbers could be seen in their sum
    if (squares >= elements * LEAST_SQUARE && squares < Double.POSITIVE_INFINITY
        || Double.isNaN(squares)) {
      return squares;
    }
    double exact = 0;
    for (float[] g : gradients) {
      for (float v : g) {
        exact += (double) v * v;
      }
    }
    return exact;
  }

  private static void scale(float[] g, float factor) {
    if (Simd.fills(g.length)) {
      Lanes.scale(g, factor);
      return;
    }
    for (int i = 0; i < g.length; i++) {
      g[i] *= factor;
    }
  }

  private static void cut(float[] g, float most) {
    if (Simd.fills(g.length)) {
      Lanes.cut(g, most);
      return;
    }
    for (int i = 0; i < g.length; i++) {
      g[i] = g[i] > most ? most : g[i] < -most ? -most : g[i];
    }
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static void scale(float[] g, float factor) {
      int last = g.length - L;
      FloatVector lastG = fromArray(S, g, last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector v = pass == 0 ? fromArray(S, g, i) : lastG;
          v.mul(factor).intoArray(g, i);
        }
      }
    }

    static void cut(float[] g, float most) {
      int last = g.length - L;
      FloatVector lastG = fromArray(S, g, last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector v = pass == 0 ? fromArray(S, g, i) : lastG;
          v = v.blend(most, v.compare(GT, most));
          v.blend(-most, v.compare(LT, -most)).intoArray(g, i);
        }
      }
    }
  }
}
