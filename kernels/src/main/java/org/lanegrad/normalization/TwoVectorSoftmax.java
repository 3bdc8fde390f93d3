package org.lanegrad.normalization;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.FloatVector.zero;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.simd.AcrossLanes;
import org.lanegrad.simd.FloatLanes;

/**
 * Softmax and log-softmax of rows that are longer than a vector and no longer than two: a row is
 * loaded once, and its maximum and sum never leave the registers (a third of the time of passes
 * over the row).
 *
 * <p>The second vector ends with the row. What it has of the first is left out of its sums and
 * stored first. Beside {@link NarrowSoftmax} in one method, the sum would no longer be inlined (ADR
 * 13).
 */
final class TwoVectorSoftmax {
  private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
  private static final int L = FloatLanes.COUNT;

  private TwoVectorSoftmax() {}

  /** Whether rows of n are that long. */
  static boolean fits(int n) {
    return n > L && n <= 2 * L;
  }

  /** y = e^(x − max) / sum, or its logarithm. */
  static void forward(Matrix x, Matrix y, boolean log) {
    int second = x.columns() - L;
    VectorMask<Float> again = fromArray(S, FloatLanes.NUMBERS, 0).compare(LT, (float) (L - second));
    float[] stage = NarrowRows.stage();
    float[] in = x.array();
    float[] out = y.array();
    for (int i = 0; i < x.rows(); i++) {
      int from = x.index(i, 0);
      FloatVector v0 = fromArray(S, in, from);
      FloatVector v1 = fromArray(S, in, from + second).blend(Float.NEGATIVE_INFINITY, again);
      float max = AcrossLanes.max(v0.blend(v1, v1.compare(GT, v0)));
      v0.sub(max).intoArray(stage, 0);
      v1.sub(max).intoArray(stage, L);
      FloatVector terms = zero(S);
      // a loop, since spelled out twice the exponential leaves no nodes for the sum (ADR 13)
      for (int k = 0; k < 2; k++) {
        int slot = log ? 2 * L : k * L;
        NarrowSoftmax.exp(stage, k * L, stage, slot);
        terms = terms.add(fromArray(S, stage, slot));
      }
      float sum = AcrossLanes.sum(FloatLanes.VECTOR.cast(terms));
      float factor = log ? 1f : 1f / sum;
      float shift = log ? -(float) Math.log(sum) : -0f;
      int to = y.index(i, 0);
      finish(stage, L, factor, shift, out, to + second);
      finish(stage, 0, factor, shift, out, to);
    }
  }

  private static void finish(
      float[] stage, int from, float factor, float shift, float[] out, int to) {
    fromArray(S, stage, from).fma(broadcast(S, factor), broadcast(S, shift)).intoArray(out, to);
  }

  /** dx = y·(dy − Σ dy·y), or for the logarithm dy − e^y·Σ dy. */
  static void backward(Matrix dy, Matrix y, Matrix dx, boolean log) {
    int second = dy.columns() - L;
    VectorMask<Float> again = fromArray(S, FloatLanes.NUMBERS, 0).compare(LT, (float) (L - second));
    float[] stage = NarrowRows.stage();
    float[] above = dy.array();
    float[] in = y.array();
    float[] out = dx.array();
    for (int i = 0; i < dy.rows(); i++) {
      int up = dy.index(i, 0);
      int from = y.index(i, 0);
      FloatVector d0 = fromArray(S, above, up);
      FloatVector d1 = fromArray(S, above, up + second);
      FloatVector v0 = fromArray(S, in, from);
      FloatVector v1 = fromArray(S, in, from + second);
      FloatVector once = d1.blend(0f, again);
      float sum = AcrossLanes.sum(log ? d0.add(once) : d0.mul(v0).add(once.mul(v1)));
      int to = dx.index(i, 0);
      if (log) {
        NarrowSoftmax.exp(in, from, stage, 0);
        NarrowSoftmax.exp(in, from + second, stage, L);
        FloatVector less = broadcast(S, -sum);
        fromArray(S, stage, L).fma(less, d1).intoArray(out, to + second);
        fromArray(S, stage, 0).fma(less, d0).intoArray(out, to);
      } else {
        d1.sub(sum).mul(v1).intoArray(out, to + second);
        d0.sub(sum).mul(v0).intoArray(out, to);
      }
    }
  }
}
