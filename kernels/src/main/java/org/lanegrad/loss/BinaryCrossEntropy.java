package org.lanegrad.loss;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import java.util.Locale;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.reduction.Reductions;
import org.lanegrad.simd.Exp;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Fma;
import org.lanegrad.simd.Log1pOfExp;
import org.lanegrad.simd.Simd;

/**
 * L = mean of w·t·s(−x) + (1 − t)·s(x) over logits x and targets t, s the softplus: −log σ(x) where
 * t = 1, −log(1 − σ(x)) where t = 0; ∂L/∂x = ((1 − t)·σ(x) − w·t·σ(−x)) / n.
 *
 * <p>With e = e^−|x| neither overflows: s(±x) = max(±x, 0) + log(1 + e), σ(|x|) = 1 / (1 + e).
 *
 * <ul>
 *   <li><b>Shapes</b>: n elements from the given index of each array; targets in 0 … 1.
 *   <li><b>Aliasing</b>: the gradient may be the very logits (in place), else separate from both.
 *   <li><b>Accuracy</b>: the terms are within 8 · 2^−24 each, their sum within 70 · 2^−24 more; the
 *       gradient is within 6 · 2^−24 · ((1 − t)·σ(x) + w·t·σ(−x)) / n.
 *   <li><b>Special values</b>: NaN gives NaN where its weight is not 0; a logit of ±Inf costs
 *       nothing on the right side, and Inf elsewhere. No elements: the mean of nothing, NaN.
 *   <li><b>Cost</b>: 50 flops and 12 bytes an element, loss and gradient together.
 *   <li><b>Source</b>: as PyTorch's BCEWithLogitsLoss defines it.
 * </ul>
 *
 * @param positiveWeight w, 0 or more
 */
public record BinaryCrossEntropy(float positiveWeight) {
  /** w as given. */
  public BinaryCrossEntropy {
    Check.atLeastZero("positiveWeight", positiveWeight);
  }

  /** The mean loss, and its gradient if that is not null. */
  public float lossAndGradient(
      float[] x,
      int xFrom,
      float[] targets,
      int targetsFrom,
      float[] gradient,
      int gradientFrom,
      int length) {
    Check.range("x", x, xFrom, length);
    Check.range("targets", targets, targetsFrom, length);
    if (gradient != null) {
      Check.range("gradient", gradient, gradientFrom, length);
      Check.sameOrSeparate("gradient", gradient, gradientFrom, "x", x, xFrom, length);
      Check.separate("gradient", gradient, gradientFrom, "targets", targets, targetsFrom, length);
    }
    checkTargets(targets, targetsFrom, length);
    double total = sum(x, xFrom, targets, targetsFrom, 1f / length, gradient, gradientFrom, length);
    return (float) (total / length);
  }

  /**
   * The same over matrices of one shape, rows as they are stored; rows with gaps between them are
   * added up one after the other.
   *
   * @param gradient null for none
   */
  public float lossAndGradient(Matrix x, Matrix targets, Matrix gradient) {
    PerElement.check("x", x, targets, gradient);
    int size = x.rows() * x.columns();
    boolean whole = PerElement.isWhole(x, targets, gradient);
    int rows = whole ? Math.min(1, x.rows()) : x.rows();
    int length = whole ? size : x.columns();
    for (int i = 0; i < rows; i++) {
      checkTargets(targets.array(), targets.index(i, 0), length);
    }
    double total = 0;
    for (int i = 0; i < rows; i++) {
      total +=
          sum(
              x.array(),
              x.index(i, 0),
              targets.array(),
              targets.index(i, 0),
              1f / size,
              gradient == null ? null : gradient.array(),
              gradient == null ? 0 : gradient.index(i, 0),
              length);
    }
    return (float) (total / size);
  }

  private static void checkTargets(float[] targets, int targetsFrom, int length) {
    for (int i = targetsFrom; i < targetsFrom + length; i++) {
      if (targets[i] < 0f || targets[i] > 1f) {
        throw new IllegalArgumentException(
            String.format(Locale.ROOT, "targets[%d] is %s, expected 0 … 1", i, targets[i]));
      }
    }
  }

  /** Σ of the losses, and share·∂/∂x as the gradient. */
  private double sum(
      float[] x,
      int xFrom,
      float[] targets,
      int targetsFrom,
      float share,
      float[] gradient,
      int gradientFrom,
      int length) {
    double total = 0;
    for (int from = 0, count; from < length; from += count) {
      count = Math.min(Reductions.LEAF, length - from);
      int x0 = xFrom + from;
      int t0 = targetsFrom + from;
      int g0 = gradientFrom + from;
      total +=
          Simd.fills(count)
              ? Lanes.leaf(x, x0, targets, t0, positiveWeight, share, gradient, g0, count)
              : leaf(x, x0, targets, t0, share, gradient, g0, count);
    }
    return total;
  }

  private double leaf(
      float[] x, int xFrom, float[] t, int tFrom, float share, float[] out, int to, int length) {
    double sum = 0;
    for (int i = 0; i < length; i++) {
      float v = x[xFrom + i];
      float e = Exp.ofNonPositive(-Math.abs(v));
      float log = e * Log1pOfExp.quotient(e);
      float positive = positiveWeight * t[tFrom + i];
      float negative = 1f - t[tFrom + i];
      boolean below = v < 0f;
      float right = negative == 0f ? 0f : below ? log : v + log; // not 0·Inf
      float left = positive == 0f ? 0f : below ? log - v : log;
      sum += Fma.of(positive, left, negative * right);
      if (out != null) {
        float s = 1f / (1f + e);
        float small = e * s;
        float up = below ? small : s;
        float down = below ? s : small;
        out[to + i] = Fma.of(negative, up, -(positive * down)) * share;
      }
    }
    return sum;
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static float leaf(
        float[] x,
        int xFrom,
        float[] targets,
        int tFrom,
        float weight,
        float share,
        float[] out,
        int to,
        int length) {
      FloatVector sum = FloatVector.zero(S);
      int last = length - L;
      FloatVector lastX = fromArray(S, x, xFrom + last);
      VectorMask<Float> counted =
          fromArray(S, FloatLanes.NUMBERS, 0).compare(LT, (float) (-length & L - 1));
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector v = pass == 0 ? fromArray(S, x, xFrom + i) : lastX;
          FloatVector target = fromArray(S, targets, tFrom + i);
          FloatVector z = v.abs().neg();
          z = z.blend(Exp.LOWEST, z.compare(LT, Exp.LOWEST));
          FloatVector t = z.fma(broadcast(S, Exp.LOG2_E), broadcast(S, Exp.ROUND));
          FloatVector n = t.sub(Exp.ROUND);
          FloatVector r = n.fma(broadcast(S, -Exp.LN2_HIGH), z);
          r = n.fma(broadcast(S, -Exp.LN2_LOW), r);
          FloatVector q = r.fma(broadcast(S, Exp.Q4), broadcast(S, Exp.Q3));
          q = q.fma(r, broadcast(S, Exp.Q2));
          q = q.fma(r, broadcast(S, Exp.Q1));
          q = q.fma(r, broadcast(S, Exp.Q0));
          q = r.mul(r).fma(q, r);
          FloatVector scale =
              t.reinterpretAsInts().lanewise(LSHL, 23).add(Exp.BIASED_ONE).reinterpretAsFloats();
          FloatVector e = q.fma(scale, scale).mul(Exp.UNBIAS);
          FloatVector p = e.fma(broadcast(S, Log1pOfExp.P9), broadcast(S, Log1pOfExp.P8));
          p = p.fma(e, broadcast(S, Log1pOfExp.P7));
          p = p.fma(e, broadcast(S, Log1pOfExp.P6));
          p = p.fma(e, broadcast(S, Log1pOfExp.P5));
          p = p.fma(e, broadcast(S, Log1pOfExp.P4));
          p = p.fma(e, broadcast(S, Log1pOfExp.P3));
          p = p.fma(e, broadcast(S, Log1pOfExp.P2));
          p = p.fma(e, broadcast(S, Log1pOfExp.P1));
          FloatVector log = p.fma(e, broadcast(S, 1f)).mul(e);
          FloatVector positive = target.mul(weight);
          FloatVector negative = broadcast(S, 1f).sub(target);
          VectorMask<Float> below = v.compare(LT, 0f);
          FloatVector right = v.add(log).blend(log, below);
          FloatVector left = log.blend(log.sub(v), below);
          right = right.blend(0f, negative.compare(EQ, 0f)); // not 0·Inf
          left = left.blend(0f, positive.compare(EQ, 0f));
          FloatVector loss = positive.fma(left, negative.mul(right));
          sum = sum.add(pass == 0 ? loss : loss.blend(0f, counted));
          if (out != null) {
            FloatVector s = broadcast(S, 1f).div(e.add(1f));
            FloatVector small = e.mul(s);
            FloatVector up = s.blend(small, below);
            FloatVector down = small.blend(s, below);
            FloatVector gradient = negative.fma(up, positive.mul(down).neg()).mul(share);
            gradient.intoArray(out, to + i);
          }
        }
      }
      sum = FloatLanes.VECTOR.cast(sum);
      sum = L > 8 ? sum.add(sum.rearrange(FloatLanes.ROTATED_8)) : sum;
      sum = L > 4 ? sum.add(sum.rearrange(FloatLanes.ROTATED_4)) : sum;
      return sum.lane(0) + sum.lane(2) + (sum.lane(1) + sum.lane(3));
    }
  }
}
