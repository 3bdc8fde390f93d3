package org.lanegrad.normalization;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.reduction.Reductions;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;

/**
 * The backward pass of one row of layer and RMS normalization, with x̂ = (x − mean)·s and g = dy·γ.
 * A γ that is null stands for ones.
 */
final class NormGradients {
  private NormGradients() {}

  /** Σ g·x̂. */
  static float turn(
      float[] dy,
      int up,
      float[] x,
      int from,
      float mean,
      float s,
      float[] gamma,
      int gammaFrom,
      int n) {
    if (n > Reductions.LEAF) {
      int half = (n / 2 + Reductions.LEAF - 1) / Reductions.LEAF * Reductions.LEAF;
      return turn(dy, up, x, from, mean, s, gamma, gammaFrom, half)
          + turn(dy, up + half, x, from + half, mean, s, gamma, gammaFrom + half, n - half);
    }
    if (Simd.LANES) {
      return Lanes.turn(dy, up, x, from, mean, s, gamma, gammaFrom, n);
    }
    double sum = 0;
    for (int j = 0; j < n; j++) {
      float g = gamma == null ? dy[up + j] : dy[up + j] * gamma[gammaFrom + j];
      sum = Math.fma((double) g, (x[from + j] - mean) * s, sum);
    }
    return (float) sum;
  }

  /** dγ += dy·x̂ and dβ += dy, where they are wanted. */
  static void parameters(
      float[] dy,
      int up,
      float[] x,
      int from,
      float mean,
      float s,
      float[] dgamma,
      float[] dbeta,
      int n) {
    if (dgamma != null && Simd.LANES) {
      Lanes.scale(dy, up, x, from, mean, s, dgamma, n);
    }
    if (dbeta != null && Simd.LANES) {
      Lanes.shift(dy, up, dbeta, n);
    }
    for (int j = 0; j < n && !Simd.LANES; j++) {
      if (dgamma != null) {
        dgamma[j] = Math.fma(dy[up + j], (x[from + j] - mean) * s, dgamma[j]);
      }
      if (dbeta != null) {
        dbeta[j] += dy[up + j];
      }
    }
  }

  /** dx = s·(g − sum − x̂·turn), both already divided by n. */
  static void input(
      float[] dy,
      int up,
      float[] x,
      int from,
      float mean,
      float s,
      float[] gamma,
      float sum,
      float turn,
      float[] dx,
      int to,
      int n) {
    if (Simd.LANES) {
      Lanes.input(dy, up, x, from, mean, s, gamma, sum, turn, dx, to, n);
      return;
    }
    for (int j = 0; j < n; j++) {
      float normalized = (x[from + j] - mean) * s;
      float g = gamma == null ? dy[up + j] : dy[up + j] * gamma[j];
      dx[to + j] = Math.fma(normalized, -turn, g - sum) * s;
    }
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static float turn(
        float[] dy,
        int up,
        float[] x,
        int from,
        float mean,
        float s,
        float[] gamma,
        int gammaFrom,
        int n) {
      FloatVector sum = FloatVector.zero(S);
      for (int j = 0; j < n; j += L) {
        VectorMask<Float> mask = S.indexInRange(j, n);
        FloatVector normalized = fromArray(S, x, from + j, mask).sub(mean).mul(s);
        FloatVector g = fromArray(S, dy, up + j, mask);
        if (gamma != null) {
          g = g.mul(fromArray(S, gamma, gammaFrom + j, mask));
        }
        sum = sum.add(g.mul(normalized), mask);
      }
      for (int step = L / 2; step > 0; step /= 2) {
        sum = sum.add(sum.rearrange(VectorShuffle.iota(S, step, 1, true)));
      }
      return sum.lane(0);
    }

    static void scale(
        float[] dy, int up, float[] x, int from, float mean, float s, float[] dgamma, int n) {
      for (int j = 0; j < n; j += L) {
        VectorMask<Float> mask = S.indexInRange(j, n);
        FloatVector normalized = fromArray(S, x, from + j, mask).sub(mean).mul(s);
        FloatVector d = fromArray(S, dy, up + j, mask);
        d.fma(normalized, fromArray(S, dgamma, j, mask)).intoArray(dgamma, j, mask);
      }
    }

    static void shift(float[] dy, int up, float[] dbeta, int n) {
      for (int j = 0; j < n; j += L) {
        VectorMask<Float> mask = S.indexInRange(j, n);
        FloatVector d = fromArray(S, dy, up + j, mask);
        d.add(fromArray(S, dbeta, j, mask)).intoArray(dbeta, j, mask);
      }
    }

    static void input(
        float[] dy,
        int up,
        float[] x,
        int from,
        float mean,
        float s,
        float[] gamma,
        float sum,
        float turn,
        float[] dx,
        int to,
        int n) {
      FloatVector minus = broadcast(S, -turn);
      for (int j = 0; j < n; j += L) {
        VectorMask<Float> mask = S.indexInRange(j, n);
        FloatVector normalized = fromArray(S, x, from + j, mask).sub(mean).mul(s);
        FloatVector g = fromArray(S, dy, up + j, mask);
        if (gamma != null) {
          g = g.mul(fromArray(S, gamma, j, mask));
        }
        normalized.fma(minus, g.sub(sum)).mul(s).intoArray(dx, to + j, mask);
      }
    }
  }
}
