package org.lanegrad.normalization;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.reduction.Reductions;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.FloatPair;
import org.lanegrad.simd.Fma;

/**
 * The sums of {@link NormBackward} by lanes.
 *
 * <p>Loads and stores are what limits it. So both sums, dγ and dβ come from one pass over two rows,
 * in which a load and a store of dγ serve both, and dX from a second one that shares the loads of γ
 * (0.27 ns an element at 1000 columns; row by row 0.44 at 1024). With four rows C2 meets its limit
 * of inlining and boxes the sums. The columns past the last whole vector are added one by one,
 * since masked loads would take it to that limit as well.
 */
final class NormBackwardLanes {
  /** How many rows share a pass. */
  static final int ROWS = 2;

  private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
  private static final int L = FloatLanes.COUNT;

  /** Two rows from i on. */
  static void rows(
      Matrix dy,
      Matrix x,
      float[] statistics,
      float[] gamma,
      Matrix dx,
      float[] dgamma,
      float[] dbeta,
      int i) {
    float[] d = dy.array();
    float[] v = x.array();
    int up0 = dy.index(i, 0);
    int up1 = dy.index(i + 1, 0);
    int from0 = x.index(i, 0);
    int from1 = x.index(i + 1, 0);
    float mean0 = NormBackward.mean(statistics, i, dy.rows());
    float mean1 = NormBackward.mean(statistics, i + 1, dy.rows());
    float s0 = NormBackward.s(statistics, i, dy.rows());
    float s1 = NormBackward.s(statistics, i + 1, dy.rows());
    double sums0 = 0;
    double sums1 = 0;
    double turns0 = 0;
    double turns1 = 0;
    int whole = S.loopBound(dy.columns());
    for (int j = 0; j < whole; ) {
      int end = j + Math.min(Reductions.LEAF, whole - j);
      FloatVector sum0 = FloatVector.zero(S);
      FloatVector sum1 = sum0;
      FloatVector turn0 = sum0;
      FloatVector turn1 = sum0;
      for (; j < end; j += L) {
        FloatVector g0 = fromArray(S, d, up0 + j);
        FloatVector g1 = fromArray(S, d, up1 + j);
        FloatVector x0 = fromArray(S, v, from0 + j).sub(mean0).mul(s0);
        FloatVector x1 = fromArray(S, v, from1 + j).sub(mean1).mul(s1);
        if (dgamma != null) {
          FloatVector old = fromArray(S, dgamma, j);
          g1.fma(x1, g0.fma(x0, old)).intoArray(dgamma, j);
        }
        if (dbeta != null) {
          fromArray(S, dbeta, j).add(g0).add(g1).intoArray(dbeta, j);
        }
        if (gamma != null) {
          FloatVector scale = fromArray(S, gamma, j);
          g0 = g0.mul(scale);
          g1 = g1.mul(scale);
        }
        sum0 = sum0.add(g0);
        sum1 = sum1.add(g1);
        turn0 = g0.fma(x0, turn0);
        turn1 = g1.fma(x1, turn1);
      }
      sum0 = FloatLanes.VECTOR.cast(sum0);
      sum0 = L > 8 ? sum0.add(sum0.rearrange(FloatLanes.ROTATED_8)) : sum0;
      sum0 = L > 4 ? sum0.add(sum0.rearrange(FloatLanes.ROTATED_4)) : sum0;
      sums0 += sum0.lane(0) + sum0.lane(2) + (sum0.lane(1) + sum0.lane(3));
      sum1 = FloatLanes.VECTOR.cast(sum1);
      sum1 = L > 8 ? sum1.add(sum1.rearrange(FloatLanes.ROTATED_8)) : sum1;
      sum1 = L > 4 ? sum1.add(sum1.rearrange(FloatLanes.ROTATED_4)) : sum1;
      sums1 += sum1.lane(0) + sum1.lane(2) + (sum1.lane(1) + sum1.lane(3));
      turn0 = FloatLanes.VECTOR.cast(turn0);
      turn0 = L > 8 ? turn0.add(turn0.rearrange(FloatLanes.ROTATED_8)) : turn0;
      turn0 = L > 4 ? turn0.add(turn0.rearrange(FloatLanes.ROTATED_4)) : turn0;
      turns0 += turn0.lane(0) + turn0.lane(2) + (turn0.lane(1) + turn0.lane(3));
      turn1 = FloatLanes.VECTOR.cast(turn1);
      turn1 = L > 8 ? turn1.add(turn1.rearrange(FloatLanes.ROTATED_8)) : turn1;
      turn1 = L > 4 ? turn1.add(turn1.rearrange(FloatLanes.ROTATED_4)) : turn1;
      turns1 += turn1.lane(0) + turn1.lane(2) + (turn1.lane(1) + turn1.lane(3));
    }
    long means0 = means(dy, x, statistics, gamma, dgamma, dbeta, i, sums0, turns0);
    long means1 = means(dy, x, statistics, gamma, dgamma, dbeta, i + 1, sums1, turns1);
    input(dy, x, statistics, gamma, dx, i, means0, means1);
  }

  /** Row i, with the bits that it has as one of two. */
  static void row(
      Matrix dy,
      Matrix x,
      float[] statistics,
      float[] gamma,
      Matrix dx,
      float[] dgamma,
      float[] dbeta,
      int i) {
    float[] d = dy.array();
    float[] v = x.array();
    int up = dy.index(i, 0);
    int from = x.index(i, 0);
    float mean = NormBackward.mean(statistics, i, dy.rows());
    float s = NormBackward.s(statistics, i, dy.rows());
    double sums = 0;
    double turns = 0;
    int whole = S.loopBound(dy.columns());
    for (int j = 0; j < whole; ) {
      int end = j + Math.min(Reductions.LEAF, whole - j);
      FloatVector sum = FloatVector.zero(S);
      FloatVector turn = sum;
      for (; j < end; j += L) {
        FloatVector g = fromArray(S, d, up + j);
        FloatVector normalized = fromArray(S, v, from + j).sub(mean).mul(s);
        if (dgamma != null) {
          g.fma(normalized, fromArray(S, dgamma, j)).intoArray(dgamma, j);
        }
        if (dbeta != null) {
          fromArray(S, dbeta, j).add(g).intoArray(dbeta, j);
        }
        if (gamma != null) {
          g = g.mul(fromArray(S, gamma, j));
        }
        sum = sum.add(g);
        turn = g.fma(normalized, turn);
      }
      sum = FloatLanes.VECTOR.cast(sum);
      sum = L > 8 ? sum.add(sum.rearrange(FloatLanes.ROTATED_8)) : sum;
      sum = L > 4 ? sum.add(sum.rearrange(FloatLanes.ROTATED_4)) : sum;
      sums += sum.lane(0) + sum.lane(2) + (sum.lane(1) + sum.lane(3));
      turn = FloatLanes.VECTOR.cast(turn);
      turn = L > 8 ? turn.add(turn.rearrange(FloatLanes.ROTATED_8)) : turn;
      turn = L > 4 ? turn.add(turn.rearrange(FloatLanes.ROTATED_4)) : turn;
      turns += turn.lane(0) + turn.lane(2) + (turn.lane(1) + turn.lane(3));
    }
    long means = means(dy, x, statistics, gamma, dgamma, dbeta, i, sums, turns);
    float level = FloatPair.first(means);
    float slope = FloatPair.second(means);
    int to = dx.index(i, 0);
    NormBackward.input(d, up, v, from, mean, s, level, slope, gamma, dx.array(), to, dy.columns());
  }

  /**
   * The means of G and G·X̂ over row i, from what its whole vectors add up to and the columns past
   * them, which are added to dγ and dβ as well.
   */
  private static long means(
      Matrix dy,
      Matrix x,
      float[] statistics,
      float[] gamma,
      float[] dgamma,
      float[] dbeta,
      int i,
      double sum,
      double turn) {
    float[] d = dy.array();
    float[] v = x.array();
    int up = dy.index(i, 0);
    int from = x.index(i, 0);
    int n = dy.columns();
    float mean = NormBackward.mean(statistics, i, dy.rows());
    float s = NormBackward.s(statistics, i, dy.rows());
    double sums = sum;
    double turns = turn;
    for (int j = S.loopBound(n); j < n; j++) {
      float g = d[up + j];
      float normalized = (v[from + j] - mean) * s;
      if (dgamma != null) {
        dgamma[j] = Fma.of(g, normalized, dgamma[j]);
      }
      if (dbeta != null) {
        dbeta[j] += g;
      }
      if (gamma != null) {
        g *= gamma[j];
      }
      sums += g;
      turns += (double) g * normalized;
    }
    float level = NormBackward.isCentred(statistics, dy.rows()) ? (float) (sums / n) : 0f;
    return FloatPair.of(level, (float) (turns / n));
  }

  /** dX of rows i and i + 1. */
  private static void input(
      Matrix dy,
      Matrix x,
      float[] statistics,
      float[] gamma,
      Matrix dx,
      int i,
      long means0,
      long means1) {
    float[] d = dy.array();
    float[] v = x.array();
    float[] out = dx.array();
    int up0 = dy.index(i, 0);
    int up1 = dy.index(i + 1, 0);
    int from0 = x.index(i, 0);
    int from1 = x.index(i + 1, 0);
    int to0 = dx.index(i, 0);
    int to1 = dx.index(i + 1, 0);
    float mean0 = NormBackward.mean(statistics, i, dy.rows());
    float mean1 = NormBackward.mean(statistics, i + 1, dy.rows());
    float s0 = NormBackward.s(statistics, i, dy.rows());
    float s1 = NormBackward.s(statistics, i + 1, dy.rows());
    float level0 = FloatPair.first(means0);
    float level1 = FloatPair.first(means1);
    float down0 = -FloatPair.second(means0);
    float down1 = -FloatPair.second(means1);
    int n = dy.columns();
    int last = n - L;
    FloatVector lastD0 = fromArray(S, d, up0 + last);
    FloatVector lastD1 = fromArray(S, d, up1 + last);
    FloatVector lastX0 = fromArray(S, v, from0 + last);
    FloatVector lastX1 = fromArray(S, v, from1 + last);
    for (int pass = 0; pass < 2; pass++) {
      int start = pass == 0 ? 0 : last;
      int count = pass == 0 ? last : L;
      for (int k = 0; k < count; k += L) {
        int j = start + k;
        FloatVector g0 = pass == 0 ? fromArray(S, d, up0 + j) : lastD0;
        FloatVector g1 = pass == 0 ? fromArray(S, d, up1 + j) : lastD1;
        FloatVector x0 = (pass == 0 ? fromArray(S, v, from0 + j) : lastX0).sub(mean0).mul(s0);
        FloatVector x1 = (pass == 0 ? fromArray(S, v, from1 + j) : lastX1).sub(mean1).mul(s1);
        if (gamma != null) {
          FloatVector scale = fromArray(S, gamma, j);
          g0 = g0.mul(scale);
          g1 = g1.mul(scale);
        }
        x0.fma(broadcast(S, down0), g0.sub(level0)).mul(s0).intoArray(out, to0 + j);
        x1.fma(broadcast(S, down1), g1.sub(level1)).mul(s1).intoArray(out, to1 + j);
      }
    }
  }
}
