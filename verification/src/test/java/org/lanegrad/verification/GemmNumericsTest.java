package org.lanegrad.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lanegrad.Matrix;
import org.lanegrad.matmul.Gemm;
import org.lanegrad.matmul.PackedMatrix;
import org.lanegrad.matmul.Workspace;
import org.lanegrad.verification.compare.DotProductBound;

/** The product on difficult numbers, on each of its paths. */
class GemmNumericsTest {
  /** How an input is made from a number between −1 and 1. */
  enum Numbers {
    MODERATE(x -> x),
    /** Magnitudes from 2^−60 to 2^60 in one sum. */
    HUGE_AND_TINY(x -> x * Math.scalb(1.0, (int) (x * 1e6) % 61)),
    /** Products below the smallest normal number. */
    SUBNORMAL(x -> x * 0x1p-74),
    /** Small integers: exact sums, whatever the order. */
    EXACT(x -> Math.rint(8 * x));

    @SuppressWarnings("ImmutableEnumChecker") // lambdas without state
    private final DoubleUnaryOperator make;

    Numbers(DoubleUnaryOperator make) {
      this.make = make;
    }
  }

  private static final int[][] SHAPES = {
    {1, 700, 129}, {3, 65, 40}, {4, 300, 600}, {6, 20, 64}, {13, 33, 65}, {50, 600, 70}, {97, 40, 9}
  };

  private final Workspace workspace = new Workspace();

  @ParameterizedTest
  @EnumSource
  void everyElementIsWithinItsBound(Numbers numbers) {
    SplittableRandom random = new SplittableRandom(5);
    for (int[] s : SHAPES) {
      for (int transposed = 0; transposed < 4; transposed++) {
        float[] a = random(s[0] * s[1], numbers, random);
        float[] b = random(s[1] * s[2], numbers, random);
        compare(s[0], s[1], s[2], a, b, (transposed & 1) != 0, (transposed & 2) != 0, numbers);
      }
    }
  }

  /** Sums that cancel to nothing but rounding: each row of A is followed by its negative. */
  @Test
  void aSumThatCancelsIsWithinItsBound() {
    SplittableRandom random = new SplittableRandom(6);
    int k = 512;
    float[] a = new float[5 * k];
    float[] b = new float[k * 70];
    for (int p = 0; p < k / 2; p++) {
      for (int i = 0; i < 5; i++) {
        a[i * k + p] = (float) random.nextDouble(-1, 1);
        a[i * k + k - 1 - p] = -a[i * k + p];
      }
      for (int j = 0; j < 70; j++) {
        b[p * 70 + j] = (float) random.nextDouble(-1, 1);
        b[(k - 1 - p) * 70 + j] = b[p * 70 + j];
      }
    }
    compare(5, k, 70, a, b, false, false, Numbers.MODERATE);
  }

  @Test
  void nanAndInfinityGoThroughAsTheFormulaSays() {
    for (int[] s : SHAPES) {
      SplittableRandom random = new SplittableRandom(8);
      float[] a = random(s[0] * s[1], Numbers.MODERATE, random);
      float[] b = random(s[1] * s[2], Numbers.MODERATE, random);
      a[random.nextInt(a.length)] = Float.NaN;
      a[random.nextInt(a.length)] = Float.POSITIVE_INFINITY;
      b[random.nextInt(b.length)] = Float.NEGATIVE_INFINITY;
      b[random.nextInt(b.length)] = 0f;
      float[] c = new float[s[0] * s[2]];
      Gemm.multiply(
          1f,
          Matrix.of(a, s[0], s[1]),
          Matrix.of(b, s[1], s[2]),
          0f,
          Matrix.of(c, s[0], s[2]),
          workspace);
      for (int i = 0; i < c.length; i++) {
        float expected = 0;
        for (int p = 0; p < s[1]; p++) {
          expected = Math.fma(a[i / s[2] * s[1] + p], b[p * s[2] + i % s[2]], expected);
        }
        assertThat(c[i]).isEqualTo(Float.valueOf(expected));
      }
    }
  }

  /**
   * The scaled residual of the reference BLAS's own tests: error / (ε·(Σ|a||b| + |β·c|)) below 16.
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 5, 9, 35, 130})
  void theScaledResidualOfTheReferenceBlasIsSmall(int n) {
    SplittableRandom random = new SplittableRandom(n);
    double worst = 0;
    for (float alpha : new float[] {0f, 1f, 0.7f}) {
      for (float beta : new float[] {0f, 1f, 1.3f}) {
        for (int transposed = 0; transposed < 4; transposed++) {
          boolean ta = (transposed & 1) != 0;
          boolean tb = (transposed & 2) != 0;
          float[] a = random(n * n, Numbers.MODERATE, random);
          float[] b = random(n * n, Numbers.MODERATE, random);
          float[] before = random(n * n, Numbers.MODERATE, random);
          float[] c = before.clone();
          Matrix left = ta ? Matrix.of(a, n, n).transposed() : Matrix.of(a, n, n);
          Matrix right = tb ? Matrix.of(b, n, n).transposed() : Matrix.of(b, n, n);
          Gemm.multiply(alpha, left, right, beta, Matrix.of(c, n, n), workspace);
          for (int i = 0; i < n * n; i++) {
            double expected = (double) beta * before[i];
            double size = Math.abs(expected);
            for (int p = 0; p < n; p++) {
              double term = (double) alpha * left.get(i / n, p) * right.get(p, i % n);
              expected += term;
              size += Math.abs(term);
            }
            double error = Math.abs(c[i] - expected);
            worst = Math.max(worst, error == 0 ? 0 : error / (0x1p-23 * size));
          }
        }
      }
    }
    assertThat(worst).isLessThan(16);
  }

  private void compare(
      int m,
      int k,
      int n,
      float[] a,
      float[] b,
      boolean transposeA,
      boolean transposeB,
      Numbers numbers) {
    Matrix left = transposeA ? Matrix.of(a, k, m).transposed() : Matrix.of(a, m, k);
    Matrix right = transposeB ? Matrix.of(b, n, k).transposed() : Matrix.of(b, k, n);
    float[] plain = new float[m * n];
    float[] packed = new float[m * n];
    Gemm.multiply(1f, left, right, 0f, Matrix.of(plain, m, n), workspace);
    PackedMatrix weights = PackedMatrix.of(right);
    Gemm.multiply(1f, left, weights, 0f, Matrix.of(packed, m, n), workspace);
    assertThat(packed).isEqualTo(plain);
    DotProductBound bound = new DotProductBound(k + 2);
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double expected = 0;
        double magnitude = 0;
        for (int p = 0; p < k; p++) {
          double product = (double) left.get(i, p) * right.get(p, j);
          expected += product;
          magnitude += Math.abs(product);
        }
        double allowed = numbers == Numbers.EXACT ? 0 : bound.allowed(expected, magnitude);
        assertThat(Math.abs(plain[i * n + j] - expected))
            .as("%s, %d × %d × %d, element (%d, %d)", numbers, m, k, n, i, j)
            .isLessThanOrEqualTo(allowed);
      }
    }
  }

  /** The bound that {@link PackedMatrix} states. */
  @Test
  void halvedWeightsStayWithinTheirBound() {
    SplittableRandom random = new SplittableRandom(16);
    double rounding = Math.scalb(1.0, -8);
    for (int[] s : new int[][] {{1, 1000, 300}, {3, 77, 130}, {30, 513, 65}, {5, 20, 3}}) {
      Matrix a = Matrix.of(random(s[0] * s[1], Numbers.HUGE_AND_TINY, random), s[0], s[1]);
      Matrix b = Matrix.of(random(s[1] * s[2], Numbers.HUGE_AND_TINY, random), s[1], s[2]);
      Matrix c = Matrix.zeros(s[0], s[2]);
      Gemm.multiply(1f, a, PackedMatrix.halved(b), 0f, c, workspace);
      DotProductBound bound = new DotProductBound(s[1] + 2);
      for (int i = 0; i < s[0]; i++) {
        for (int j = 0; j < s[2]; j++) {
          double expected = 0;
          double magnitude = 0;
          for (int p = 0; p < s[1]; p++) {
            expected += (double) a.get(i, p) * b.get(p, j);
            magnitude += Math.abs((double) a.get(i, p) * b.get(p, j));
          }
          double allowed = bound.allowed(expected, (1 + rounding) * magnitude);
          assertThat(Math.abs(c.get(i, j) - expected))
              .as("%d × %d × %d, element (%d, %d)", s[0], s[1], s[2], i, j)
              .isLessThanOrEqualTo(allowed + rounding * magnitude);
        }
      }
    }
  }

  private static float[] random(int length, Numbers numbers, SplittableRandom random) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) numbers.make.applyAsDouble(random.nextDouble(-1, 1));
    }
    return values;
  }
}
