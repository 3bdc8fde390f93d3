package org.lanegrad.normalization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;

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
  void aMeanFarFromZeroCostsNoAccuracy() {
    Matrix y = Matrix.zeros(1, 4);
    float[] x = {4096, 4097, 4098, 4099};
    new LayerNorm(0f).forward(Matrix.of(x, 1, 4), null, null, y, null);
    double s = Math.sqrt(1.25);
    for (int j = 0; j < 4; j++) {
      assertThat((double) y.array()[j]).isCloseTo((j - 1.5) / s, within(1e-6));
    }
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
    layer.backward(dy, x, null, statistics, Matrix.zeros(1, 3), null, dbeta);
    assertThat(dbeta).containsExactly(11, 12, 13);
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
  }
}
