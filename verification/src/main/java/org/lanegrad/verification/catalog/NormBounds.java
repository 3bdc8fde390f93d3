package org.lanegrad.verification.catalog;

import org.lanegrad.Lanegrad;

/**
 * The errors of x̂ = (x − mean)·s and of what follows from it, with k the roundings of a sum of n.
 *
 * <p>Where mean and variance come from one pass over d = x − c, with (mean d)² ≤ mean d² / 8 and so
 * mean d² ≤ 8/7·variance: the mean is off by (k + 1)·u·√(8/7)·√variance, and u·mean|x| as it is
 * rounded; the variance by (k + 4 + 2·√⅛·(k + 1))·u·mean d².
 *
 * <p>Where they come from two passes, in narrow rows and scalar loops: the mean is off by δ = (k +
 * 1)·u·mean|x|, the variance by (k + 4)·u of itself, and by δ². RMS normalization has no δ.
 *
 * <p>s is off by half of what its variance is, and one rounding.
 */
final class NormBounds {
  private static final double U = 0x1p-24;

  private final int n;
  private final double additions;
  private final double varianceOff;
  private final double[] normalized;
  private final double[] s;
  private final double[] shift;

  /** Rows of n; RMS normalization is not centred. */
  NormBounds(double[] x, int n, double epsilon, boolean centred) {
    this.n = n;
    additions = Bounds.additions(n);
    boolean onePass = centred && Lanegrad.lanes() > 1 && n > Lanegrad.lanes();
    varianceOff =
        onePass ? 8 / 7.0 * (additions + 4 + Math.sqrt(0.5) * (additions + 1)) : additions + 4;
    normalized = new double[x.length];
    s = new double[x.length / Math.max(1, n)];
    shift = new double[s.length];
    for (int row = 0; row < s.length; row++) {
      double sum = 0;
      double size = 0;
      for (int j = row * n; j < row * n + n; j++) {
        sum += x[j];
        size += Math.abs(x[j]);
      }
      double mean = centred ? sum / n : 0;
      double squares = 0;
      for (int j = row * n; j < row * n + n; j++) {
        squares += (x[j] - mean) * (x[j] - mean);
      }
      s[row] = 1 / Math.sqrt(squares / n + epsilon);
      double off =
          onePass
              ? U * ((additions + 1) * Math.sqrt(8 / 7.0 * squares / n) + size / n)
              : U * (additions + 1) * size / n;
      // what a wrong mean adds to the variance is its square
      shift[row] = centred ? s[row] * (off + off * off * s[row]) : 0;
      for (int j = row * n; j < row * n + n; j++) {
        normalized[j] = Math.abs(x[j] - mean) * s[row];
      }
    }
  }

  /** |x̂|. */
  double at(int i) {
    return normalized[i];
  }

  /** What x̂ may be off by. */
  double normalized(int i) {
    return normalized[i] * U * (varianceOff / 2 + 4) + shift[i / n];
  }

  /** What dx may be off by. */
  double[] input(double[] gamma, double[] upstream) {
    double[] allowed = new double[upstream.length];
    for (int row = 0; row < s.length; row++) {
      double sum = 0;
      double turn = 0;
      double turnOff = 0;
      for (int j = row * n; j < row * n + n; j++) {
        double g = Math.abs(upstream[j] * gamma[j % n]);
        sum += g;
        turn += g * normalized[j];
        turnOff += g * normalized(j);
      }
      for (int j = row * n; j < row * n + n; j++) {
        double g = Math.abs(upstream[j] * gamma[j % n]);
        double size = g + (sum + normalized[j] * turn) / n;
        double off = (normalized(j) * turn + normalized[j] * turnOff) / n;
        allowed[j] = s[row] * (size * U * (2 * additions + 16) + off);
      }
    }
    return allowed;
  }

  /** What dγ may be off by. */
  double[] scale(double[] upstream) {
    double[] allowed = new double[n];
    for (int i = 0; i < upstream.length; i++) {
      double dy = Math.abs(upstream[i]);
      allowed[i % n] += dy * normalized(i) + dy * normalized[i] * U * (s.length + 2);
    }
    return allowed;
  }

  /** What dβ may be off by. */
  double[] shift(double[] upstream) {
    double[] allowed = new double[n];
    for (int i = 0; i < upstream.length; i++) {
      allowed[i % n] += Math.abs(upstream[i]) * U * (s.length + 1);
    }
    return allowed;
  }
}
