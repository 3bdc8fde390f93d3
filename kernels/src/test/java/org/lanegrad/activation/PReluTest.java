package org.lanegrad.activation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;

class PReluTest {
  private final Matrix x = Matrix.of(new float[] {1, -2, -4, 0}, 2, 2);
  private final Matrix dy = Matrix.of(new float[] {1, 10, 100, 1000}, 2, 2);
  private final float[] slopes = {0.5f, 0.25f};

  @Test
  void slopesLearnFromWhatTheyScaled() {
    Matrix y = Matrix.zeros(2, 2);
    PRelu.forward(x, slopes, y);
    assertThat(y.array()).containsExactly(1, -0.5f, -2, 0);
    float[] dslopes = {7, 0};
    PRelu.backward(dy, x, slopes, Matrix.zeros(2, 2), dslopes, true);
    assertThat(dslopes).containsExactly(7 - 400, -20);
    PRelu.backward(dy, x, slopes, dy, dslopes);
    assertThat(dslopes).containsExactly(-400, -20);
    assertThat(dy.array()).containsExactly(1, 2.5f, 50, 250);
  }

  @Test
  void oneSlopeServesAllColumns() {
    Matrix dx = Matrix.zeros(2, 2);
    float[] dslope = {7};
    PRelu.backward(dy, x, new float[] {0.5f}, dx, dslope);
    assertThat(dslope).containsExactly(-420);
    assertThat(dx.array()).containsExactly(1, 5, 50, 500);
  }

  @Test
  void sharedArraysAreRefusedBeforeAnythingIsWritten() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PRelu.backward(dy, x, slopes, Matrix.zeros(2, 2), slopes))
        .withMessage("dslopes overlaps slopes, expected separate elements");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PRelu.backward(dy, x, slopes, x, new float[2]))
        .withMessage("dx overlaps x, expected separate elements");
    Matrix shifted = Matrix.of(x.array(), 1, 1, 2, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PRelu.forward(Matrix.of(x.array(), 0, 1, 2, 2), slopes, shifted))
        .withMessage("y overlaps x, expected separate elements");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PRelu.forward(x, new float[3], Matrix.zeros(2, 2)))
        .withMessage("slopes.length is 3, expected 2, as the columns (or 1)");
    assertThatThrownBy(() -> PRelu.forward(null, slopes, x))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("x is null, expected a Matrix");
    assertThat(x.array()).containsExactly(1, -2, -4, 0);
  }
}
