package org.lanegrad.normalization;

import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.reduction.Reductions;
import org.lanegrad.simd.FloatLanes;

/**
 * The sums of {@link NormBackward} by lanes.
 *
 * <p>Loads and stores are what limits it. So both sums, dγ and dβ come from one pass over two rows,
 * in which a load and a store of dγ serve both (0.28 ns an element at 1024 columns; row by row
 * 0.44). With four rows C2 meets its limit of inlining and boxes the sums. The columns past the
 * last whole vector are added one by one, since masked loads would take it to that limit as well.
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
      sums0 += total(sum0);
      sums1 += total(sum1);
      turns0 += total(turn0);
      turns1 += total(turn1);
    }
    rest(dy, x, statistics, gamma, dx, dgamma, dbeta, i, sums0, turns0);
    rest(dy, x, statistics, gamma, dx, dgamma, dbeta, i + 1, sums1, turns1);
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
      sums += total(sum);
      turns += total(turn);
    }
    rest(dy, x, statistics, gamma, dx, dgamma, dbeta, i, sums, turns);
  }

  /** What the columns past the last whole vector add to the sums, dγ and dβ of row i; then dX. */
  private static void rest(
      Matrix dy,
      Matrix x,
      float[] statistics,
      float[] gamma,
      Matrix dx,
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
        dgamma[j] = Math.fma(g, normalized, dgamma[j]);
      }
      if (dbeta != null) {
        dbeta[j] += g;
      }
      if (gamma != null) {
        g *= gamma[j];
      }
      sums += g;
      turns = Math.fma((double) g, normalized, turns);
    }
    float level = NormBackward.isCentred(statistics, dy.rows()) ? (float) (sums / n) : 0f;
    float slope = (float) (turns / n);
    NormBackward.input(d, up, v, from, mean, s, level, slope, gamma, dx.array(), dx.index(i, 0), n);
  }

  /** The lanes' sum as a tree, since the order of {@code reduceLanes(ADD)} is not defined. */
  private static float total(FloatVector lanes) {
    FloatVector s = lanes;
    if (L > 8) {
      s = s.add(s.rearrange(FloatLanes.ROTATED_8));
    }
    if (L > 4) {
      s = s.add(s.rearrange(FloatLanes.ROTATED_4));
    }
    s = s.add(s.rearrange(FloatLanes.ROTATED_2));
    return s.add(s.rearrange(FloatLanes.ROTATED_1)).lane(0);
  }
}
