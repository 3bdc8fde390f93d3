package org.lanegrad.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lanegrad.Matrix;
import org.lanegrad.matmul.Gemm;
import org.lanegrad.matmul.Workspace;
import org.lanegrad.verification.compare.DotProductBound;

/**
 * Every size 0 … 70 in each dimension, each transposition case: 357,911 products a case, each
 * element within γ(k + 2)·Σ|a||b| of its value in double.
 *
 * <p>All products are corners of one A and one B, so the expected sums are added up once, by k.
 */
class GemmExhaustiveTest {
  private static final int MAX = 70;

  @ParameterizedTest
  @CsvSource({"false, false", "false, true", "true, false", "true, true"})
  void everySizeUpToSeventyIsWithinItsBound(boolean transposeA, boolean transposeB) {
    SplittableRandom random = new SplittableRandom(70);
    float[] a = random(random);
    float[] b = random(random);
    double[] sums = new double[MAX * MAX];
    double[] magnitudes = new double[MAX * MAX];
    float[] c = new float[MAX * MAX];
    Workspace workspace = new Workspace();
    long products = 0;
    for (int k = 0; k <= MAX; k++) {
      if (k > 0) {
        add(a, b, transposeA, transposeB, k - 1, sums, magnitudes);
      }
      for (int m = 0; m <= MAX; m++) {
        for (int n = 0; n <= MAX; n++) {
          Gemm.multiply(
              1f,
              corner(a, m, k, transposeA),
              corner(b, k, n, transposeB),
              0f,
              Matrix.of(c, m, n),
              workspace);
          check(m, k, n, c, sums, magnitudes);
          products++;
        }
      }
    }
    assertThat(products).isEqualTo(357_911);
  }

  private static Matrix corner(float[] array, int rows, int columns, boolean transposed) {
    return transposed
        ? Matrix.of(array, 0, columns, rows, MAX).transposed()
        : Matrix.of(array, 0, rows, columns, MAX);
  }

  private static void add(
      float[] a,
      float[] b,
      boolean transposeA,
      boolean transposeB,
      int p,
      double[] sums,
      double[] magnitudes) {
    for (int i = 0; i < MAX; i++) {
      double x = transposeA ? a[p * MAX + i] : a[i * MAX + p];
      for (int j = 0; j < MAX; j++) {
        double product = x * (transposeB ? b[j * MAX + p] : b[p * MAX + j]);
        sums[i * MAX + j] += product;
        magnitudes[i * MAX + j] += Math.abs(product);
      }
    }
  }

  private static void check(int m, int k, int n, float[] c, double[] sums, double[] magnitudes) {
    DotProductBound bound = new DotProductBound(k + 2);
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double expected = sums[i * MAX + j];
        double actual = c[i * n + j];
        if (!(Math.abs(actual - expected) <= bound.allowed(expected, magnitudes[i * MAX + j]))) {
          fail(
              String.format(
                  Locale.ROOT,
                  "%d × %d × %d, element (%d, %d): expected %s, actual %s",
                  m,
                  k,
                  n,
                  i,
                  j,
                  expected,
                  actual));
        }
      }
    }
  }

  private static float[] random(SplittableRandom random) {
    float[] values = new float[MAX * MAX];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }
}
