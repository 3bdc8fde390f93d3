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
      return gamma == null
          ? total(turn(dy, up, x, from, mean, s, n))
          : total(turn(dy, up, gamma, gammaFrom, x, from, mean, s, n));
    }

    private static FloatVector turn(
        float[] dy, int up, float[] x, int from, float mean, float s, int n) {
      FloatVector s0 = FloatVector.zero(S);
      FloatVector s1 = s0;
      int j = 0;
      for (int end = n & -2 * L; j < end; j += 2 * L) {
        FloatVector x0 = fromArray(S, x, from + j).sub(mean).mul(s);
        FloatVector x1 = fromArray(S, x, from + j + L).sub(mean).mul(s);
        s0 = fromArray(S, dy, up + j).fma(x0, s0);
        s1 = fromArray(S, dy, up + j + L).fma(x1, s1);
      }
      for (; j < n; j += L) {
        VectorMask<Float> mask = S.indexInRange(j, n);
        FloatVector g = fromArray(S, dy, up + j, mask);
        s0 = s0.add(fromArray(S, x, from + j, mask).sub(mean).mul(s).mul(g), mask);
      }
      return s0.add(s1);
    }

    private static FloatVector turn(
        float[] dy,
        int up,
        float[] gamma,
        int gammaFrom,
        float[] x,
        int from,
        float mean,
        float s,
        int n) {
      FloatVector s0 = FloatVector.zero(S);
      FloatVector s1 = s0;
      int j = 0;
      for (int end = n & -2 * L; j < end; j += 2 * L) {
        FloatVector x0 = fromArray(S, x, from + j).sub(mean).mul(s);
        FloatVector x1 = fromArray(S, x, from + j + L).sub(mean).mul(s);
        s0 = fromArray(S, dy, up + j).mul(fromArray(S, gamma, gammaFrom + j)).fma(x0, s0);
        s1 = fromArray(S, dy, up + j + L).mul(fromArray(S, gamma, gammaFrom + j + L)).fma(x1, s1);
      }
      for (; j < n; j += L) {
        VectorMask<Float> mask = S.indexInRange(j, n);
        FloatVector g =
            fromArray(S, dy, up + j, mask).mul(fromArray(S, gamma, gammaFrom + j, mask));
        s0 = s0.add(fromArray(S, x, from + j, mask).sub(mean).mul(s).mul(g), mask);
      }
      return s0.add(s1);
    }

    static void scale(
        float[] dy, int up, float[] x, int from, float mean, float s, float[] dgamma, int n) {
      int j = 0;
      for (int end = S.loopBound(n); j < end; j += L) {
        FloatVector normalized = fromArray(S, x, from + j).sub(mean).mul(s);
        FloatVector d = fromArray(S, dy, up + j);
        d.fma(normalized, fromArray(S, dgamma, j)).intoArray(dgamma, j);
      }
      if (j < n) {
        VectorMask<Float> tail = S.indexInRange(j, n);
        FloatVector normalized = fromArray(S, x, from + j, tail).sub(mean).mul(s);
        FloatVector d = fromArray(S, dy, up + j, tail);
        d.fma(normalized, fromArray(S, dgamma, j, tail)).intoArray(dgamma, j, tail);
      }
    }

    static void shift(float[] dy, int up, float[] dbeta, int n) {
      int j = 0;
      for (int end = S.loopBound(n); j < end; j += L) {
        FloatVector d = fromArray(S, dy, up + j);
        d.add(fromArray(S, dbeta, j)).intoArray(dbeta, j);
      }
      if (j < n) {
        VectorMask<Float> tail = S.indexInRange(j, n);
        FloatVector d = fromArray(S, dy, up + j, tail);
        d.add(fromArray(S, dbeta, j, tail)).intoArray(dbeta, j, tail);
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
      int j = 0;
      for (int end = S.loopBound(n); j < end; j += L) {
        FloatVector normalized = fromArray(S, x, from + j).sub(mean).mul(s);
        FloatVector g = fromArray(S, dy, up + j);
        if (gamma != null) {
          g = g.mul(fromArray(S, gamma, j));
        }
        normalized.fma(minus, g.sub(sum)).mul(s).intoArray(dx, to + j);
      }
      if (j < n) {
        VectorMask<Float> tail = S.indexInRange(j, n);
        FloatVector normalized = fromArray(S, x, from + j, tail).sub(mean).mul(s);
        FloatVector g = fromArray(S, dy, up + j, tail);
        if (gamma != null) {
          g = g.mul(fromArray(S, gamma, j, tail));
        }
        normalized.fma(minus, g.sub(sum)).mul(s).intoArray(dx, to + j, tail);
      }
    }

    /** The lanes' sum as a tree, since the order of {@code reduceLanes(ADD)} is not defined. */
    private static float total(FloatVector lanes) {
      FloatVector s = lanes;
      if (L > 8) {
        s = s.add(s.rearrange(VectorShuffle.iota(S, 8, 1, true)));
      }
      if (L > 4) {
        s = s.add(s.rearrange(VectorShuffle.iota(S, 4, 1, true)));
      }
      s = s.add(s.rearrange(VectorShuffle.iota(S, 2, 1, true)));
      return s.add(s.rearrange(VectorShuffle.iota(S, 1, 1, true))).lane(0);
    }
  }
}
