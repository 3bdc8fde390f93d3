package org.lanegrad.normalization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lanegrad.Matrix;
import org.lanegrad.simd.Simd;

/** Layer and RMS normalization. */
class NormTest {
  private static final float EPSILON = 1e-5f;

  @Test
  void aRowWithoutVarianceGivesItsShift() {
    Matrix y = Matrix.zeros(1, 3);
    float[] beta = {1, 2, 3};
    new LayerNorm(EPSILON).forward(Matrix.of(new float[] {7, 7, 7}, 1, 3), null, beta, y, null);
    assertThat(y.array()).containsExactly(1, 2, 3);
    new RmsNorm(EPSILON).forward(Matrix.zeros(1, 3), null, y, null);
    assertThat(y.array()).containsExactly(0, 0, 0);
  }

  @Test
  void rowsWithoutColumnsAreFine() {
    float[] gap = new float[4];
    Matrix none = Matrix.of(gap, 0, 3, 0, 4);
    float[] statistics = new float[6];
    new LayerNorm(EPSILON).forward(none, null, null, none, statistics);
    new LayerNorm(EPSILON).backward(none, none, null, statistics, none, null, null);
    float[] scales = new float[3];
    new RmsNorm(EPSILON).forward(none, null, none, scales);
    new RmsNorm(EPSILON).backward(none, none, null, scales, none, null);
    assertThat(gap).containsOnly(0f);
  }

  @Test
  void aMeanFarFromZeroCostsNoAccuracy() {
    Matrix y = Matrix.zeros(1, 4);
    float[] x = {4096, 4097, 4098, 4099};
    new LayerNorm(0f).forward(Matrix.of(x, 1, 4), null, null, y, null);
    double s = Math.sqrt(1.25);
    for (int j = 0; j < 4; j++) {
      assertThat((double) y.array()[j]).isCloseTo((j - 1.5) / s, within(1e-6));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5, 7, 8, 10, 13, 16, 17, 27, 33, 64, 83, 1003, 2050})
  void neitherOutliersNorTrendsCostAccuracy(int n) {
    SplittableRandom random = new SplittableRandom(n);
    double[] noise = random.doubles(n, -1, 1).toArray();
    checkMoments("outliers where the sample is taken", n, j -> noise[j] + (j < 5 ? 1e4 : 0));
    checkMoments("one number that is not 0", n, j -> j == n - 1 ? 3 : 0);
    checkMoments("a trend", n, j -> j + noise[j]);
    checkMoments("a step", n, j -> noise[j] + (j < n / 3 ? -900 : 7));
    checkMoments("far from 0", n, j -> 3e5 + noise[j]);
    checkMoments("a few units in the last place", n, j -> 1e6 + (j % 3) / 16.0);
  }

  @Test
  void largeNumbersWithoutVarianceGiveTheirShift() {
    for (int n : new int[] {16, 17, 33}) {
      float[] x = new float[n];
      Arrays.fill(x, 6e36f);
      Matrix y = Matrix.of(x, 1, n);
      new LayerNorm(EPSILON).forward(y, null, null, y, null);
      assertThat(y.array()).containsOnly(0f);
    }
  }

  @Test
  void aSampleThatIsFarFromAllElseCostsNoAccuracy() {
    int n = 100_003;
    SplittableRandom random = new SplittableRandom(n);
    double[] noise = random.doubles(n, -1, 1).toArray();
    int third = (n - Simd.lanes()) / 3;
    checkMoments("row", n, j -> noise[j] + (j % third < Simd.lanes() ? 1e4 : 0));
  }

  /** Mean, s and result against their definition, by the bounds that the javadoc gives. */
  private static void checkMoments(String what, int n, IntToDoubleFunction element) {
    float[] x = new float[n];
    for (int j = 0; j < n; j++) {
      x[j] = (float) element.applyAsDouble(j);
    }
    double mean = 0;
    double size = 0;
    for (float v : x) {
      mean += v / (double) n;
      size += Math.abs(v) / (double) n;
    }
    double variance = 0;
    for (float v : x) {
      variance += (v - mean) * (v - mean) / n;
    }
    double s = 1 / Math.sqrt(variance + EPSILON);
    float[] statistics = new float[2];
    Matrix y = Matrix.zeros(1, n);
    new LayerNorm(EPSILON).forward(Matrix.of(x, 1, n), null, null, y, statistics);
    int lanes = Math.max(4, Simd.lanes());
    double meanOff =
        0x1p-24 * ((lanes == 16 ? 77 : lanes == 8 ? 144 : 280) / s + (Simd.LANES ? 1 : 8) * size);
    double sOff = 0x1p-24 * (lanes == 16 ? 76 : lanes == 8 ? 138 : 261);
    assertThat((double) statistics[0]).as("mean of " + what).isCloseTo(mean, within(meanOff));
    assertThat((double) statistics[1]).as("s of " + what).isCloseTo(s, within(s * sOff));
    for (int j = 0; j < n; j++) {
      double normalized = (x[j] - mean) * s;
      double off = sOff * Math.abs(normalized) + s * meanOff;
      assertThat((double) y.array()[j])
          .as("%s, column %d", what, j)
          .isCloseTo(normalized, within(off));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 6, 10, 17, 27, 83, 1003, 2050})
  void aRowsBitsDoNotDependOnItsBatch(int n) {
    int rows = 5;
    float[] x = new float[rows * n];
    SplittableRandom random = new SplittableRandom(n);
    for (int i = 0; i < x.length; i++) {
      // rows 1 and 2 mislead the sample of their mean, their partners do not
      boolean outlier = (i / n == 1 || i / n == 2) && i % n < 3;
      x[i] = (float) random.nextDouble(-1, 1) + (outlier ? 1000 : 0);
    }
    float[] gamma = Arrays.copyOf(x, n);
    float[] beta = Arrays.copyOfRange(x, n, 2 * n);
    Matrix all = Matrix.of(x, rows, n);
    Matrix layer = Matrix.zeros(rows, n);
    Matrix rms = Matrix.zeros(rows, n);
    float[] statistics = new float[2 * rows];
    new LayerNorm(EPSILON).forward(all, gamma, beta, layer, statistics);
    new RmsNorm(EPSILON).forward(all, gamma, rms, null);
    for (int i = 0; i < rows; i++) {
      Matrix row = Matrix.of(Arrays.copyOfRange(x, i * n, i * n + n), 1, n);
      float[] own = new float[2];
      new RmsNorm(EPSILON).forward(row, gamma, row, null);
      assertThat(row.array()).containsExactly(Arrays.copyOfRange(rms.array(), i * n, i * n + n));
      row = Matrix.of(Arrays.copyOfRange(x, i * n, i * n + n), 1, n);
      new LayerNorm(EPSILON).forward(row, gamma, beta, row, own);
      assertThat(row.array()).containsExactly(Arrays.copyOfRange(layer.array(), i * n, i * n + n));
      assertThat(own).containsExactly(Arrays.copyOfRange(statistics, 2 * i, 2 * i + 2));
    }
    new LayerNorm(EPSILON).forward(all, gamma, beta, all, null);
    assertThat(all.array()).as("in place").containsExactly(layer.array());
  }

  @Test
  void withoutScaleAndShiftTheyAre1And0() {
    Matrix x = Matrix.of(new float[] {1, 2, 4, -3, 0, 5}, 2, 3);
    Matrix dy = Matrix.of(new float[] {1, -1, 2, 0.5f, 3, 1}, 2, 3);
    float[] ones = {1, 1, 1};
    Matrix[] y = {Matrix.zeros(2, 3), Matrix.zeros(2, 3)};
    Matrix[] dx = {Matrix.zeros(2, 3), Matrix.zeros(2, 3)};
    LayerNorm layer = new LayerNorm(EPSILON);
    float[] statistics = new float[4];
    layer.forward(x, ones, new float[3], y[0], statistics);
    layer.forward(x, null, null, y[1], statistics);
    layer.backward(dy, x, ones, statistics, dx[0], new float[3], new float[3]);
    layer.backward(dy, x, null, statistics, dx[1], null, null);
    assertThat(y[1].array()).containsExactly(y[0].array());
    assertThat(dx[1].array()).containsExactly(dx[0].array());
    RmsNorm rms = new RmsNorm(EPSILON);
    float[] scales = new float[2];
    rms.forward(x, ones, y[0], scales);
    rms.forward(x, null, y[1], scales);
    rms.backward(dy, x, ones, scales, dx[0], new float[3]);
    rms.backward(dy, x, null, scales, dx[1], null);
    assertThat(y[1].array()).containsExactly(y[0].array());
    assertThat(dx[1].array()).containsExactly(dx[0].array());
  }

  @Test
  void gradientsOfScaleAndShiftAreAdded() {
    Matrix x = Matrix.of(new float[] {1, 2, 4}, 1, 3);
    Matrix dy = Matrix.of(new float[] {1, 2, 3}, 1, 3);
    float[] statistics = new float[2];
    LayerNorm layer = new LayerNorm(EPSILON);
    layer.forward(x, null, null, Matrix.zeros(1, 3), statistics);
    float[] dbeta = {10, 10, 10};
    layer.backward(dy, x, null, statistics, Matrix.zeros(1, 3), null, dbeta, true);
    assertThat(dbeta).containsExactly(11, 12, 13);
    layer.backward(dy, x, null, statistics, Matrix.zeros(1, 3), null, dbeta);
    assertThat(dbeta).containsExactly(1, 2, 3);
  }

  @Test
  void nanMakesItsRowNanAndNoOther() {
    Matrix x = Matrix.of(new float[] {1, Float.NaN, 3, 4}, 2, 2);
    Matrix y = Matrix.zeros(2, 2);
    new LayerNorm(EPSILON).forward(x, null, null, y, null);
    assertThat(y.array()[0]).isNaN();
    assertThat(y.array()[1]).isNaN();
    assertThat(y.array()[2]).isFinite();
    new RmsNorm(EPSILON).forward(x, null, y, null);
    assertThat(y.array()[0]).isNaN();
    assertThat(y.array()[3]).isFinite();
  }

  @Test
  void wrongArgumentsAreNamed() {
    Matrix x = Matrix.zeros(2, 3);
    LayerNorm layer = new LayerNorm(EPSILON);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LayerNorm(-1f))
        .withMessage("epsilon is -1.0, expected a finite number, 0 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> layer.forward(x, new float[2], null, Matrix.zeros(2, 3), null))
        .withMessage("gamma.length is 2, expected 3, as columns");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> layer.forward(x, null, null, Matrix.zeros(2, 3), new float[3]))
        .withMessage("statistics.length is 3, expected 4, as 2 · rows");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> layer.forward(x.transposed(), null, null, x.transposed(), null))
        .withMessageContaining("x is transposed");
    float[] shared = new float[3];
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> layer.backward(x, x, null, new float[4], Matrix.zeros(2, 3), shared, shared))
        .withMessage("dgamma overlaps dbeta, expected separate elements");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> layer.backward(x, x, shared, new float[4], Matrix.zeros(2, 3), null, shared))
        .withMessage("dbeta overlaps gamma, expected separate elements");
    float[] first = new float[3];
    Matrix onFirst = Matrix.of(first, 1, 3);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new RmsNorm(EPSILON)
                    .backward(onFirst, onFirst, null, new float[1], Matrix.zeros(1, 3), first))
        .withMessage("dy overlaps dgamma, expected separate elements");
  }

  /** They are overwritten before the statistics are read. */
  @Test
  void gradientsOnTheStatisticsAreRefused() {
    Matrix x = Matrix.zeros(2, 4);
    float[] statistics = {9, 9, 9, 9};
    LayerNorm layer = new LayerNorm(EPSILON);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> layer.backward(x, x, null, statistics, Matrix.zeros(2, 4), statistics, null))
        .withMessage("dgamma overlaps statistics, expected separate elements");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> layer.backward(x, x, null, statistics, Matrix.zeros(2, 4), null, statistics))
        .withMessage("dbeta overlaps statistics, expected separate elements");
    Matrix square = Matrix.zeros(4, 4);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new RmsNorm(EPSILON)
                    .backward(square, square, null, statistics, Matrix.zeros(4, 4), statistics))
        .withMessage("dgamma overlaps statistics, expected separate elements");
    assertThat(statistics).containsOnly(9);
  }
}
