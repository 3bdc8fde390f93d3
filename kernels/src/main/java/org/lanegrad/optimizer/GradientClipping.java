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
 *   <li><b>Accuracy</b>: by norm 80 · 2^−24 relative, by value exact.
 *   <li><b>Special values</b>: a norm of NaN or Inf makes every gradient NaN or 0, so look at what
 *       is returned; by value NaN stays. A sum of squares overflows from a norm of 1.8e19 on.
 *   <li><b>Cost</b>: by norm 3 flops and 4 bytes an element, 1 flop and 8 bytes more if it clips;
 *       by value 2 flops and 8 bytes.
 *   <li><b>Source</b>: R. Pascanu et al., On the Difficulty of Training Recurrent Neural Networks
 *       (2012).
 * </ul>
 */
public final class GradientClipping {
  private GradientClipping() {}

  /** Scales all gradients down to a norm of at most {@code most}; returns the norm before. */
  public static float byNorm(float most, float[]... gradients) {
    Check.positive("most", most);
    Check.notNull("gradients", gradients, "arrays");
    double squares = 0;
    for (float[] g : gradients) {
      Check.notNull("gradients", g, "a float[] each");
    }
    for (float[] g : gradients) {
      squares += Reductions.sumOfSquares(g, 0, g.length);
    }
    double norm = Math.sqrt(squares);
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
    Check.positive("most", most);
    Check.notNull("gradients", gradients, "arrays");
    for (float[] g : gradients) {
      Check.notNull("gradients", g, "a float[] each");
    }
    for (float[] g : gradients) {
      cut(g, most);
    }
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
