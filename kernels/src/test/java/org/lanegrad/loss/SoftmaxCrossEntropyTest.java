package org.lanegrad.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;

class SoftmaxCrossEntropyTest {
  @Test
  void equalLogitsCostTheLogarithmOfTheClasses() {
    Matrix logits = Matrix.of(new float[] {5, 5, 5, 5}, 1, 4);
    float[] gradient = new float[4];
    float loss =
        SoftmaxCrossEntropy.lossAndGradient(logits, new int[] {2}, Matrix.of(gradient, 1, 4));
    assertThat(loss).isCloseTo((float) Math.log(4), within(1e-7f));
    assertThat(gradient).containsExactly(0.25f, 0.25f, -0.75f, 0.25f);
    assertThat(SoftmaxCrossEntropy.loss(logits, new int[] {2})).isEqualTo(loss);
  }

  @Test
  void logitsOfAnySizeNeitherOverflowNorVanish() {
    Matrix logits = Matrix.of(new float[] {1e4f, -1e4f, 0, 3e38f, -3e38f, 1}, 2, 3);
    float[] gradient = new float[6];
    float loss =
        SoftmaxCrossEntropy.lossAndGradient(logits, new int[] {1, 0}, Matrix.of(gradient, 2, 3));
    assertThat(loss).isEqualTo(1e4f);
    assertThat(gradient).containsExactly(0.5f, -0.5f, 0, 0, 0, 0);
  }

  @Test
  void aNanRowPoisonsItsOwnGradientAndTheLoss() {
    Matrix logits = Matrix.of(new float[] {1, Float.NaN, 2, 1, 1, 1}, 2, 3);
    float[] gradient = new float[6];
    float loss =
        SoftmaxCrossEntropy.lossAndGradient(logits, new int[] {0, 0}, Matrix.of(gradient, 2, 3));
    assertThat(loss).isNaN();
    assertThat(gradient[0]).isNaN();
    assertThat(gradient[4]).isCloseTo(1f / 6, within(1e-7f));
  }

  @Test
  void aRowOfNothingButMinusInfinityOrWithInfinityIsNan() {
    float inf = Float.POSITIVE_INFINITY;
    for (float[] row : new float[][] {{-inf, -inf, -inf}, {1, inf, 0}}) {
      float[] gradient = new float[3];
      float loss =
          SoftmaxCrossEntropy.lossAndGradient(
              Matrix.of(row, 1, 3), new int[] {0}, Matrix.of(gradient, 1, 3));
      assertThat(loss).isNaN();
      assertThat(gradient[0]).isNaN();
    }
    assertThat(SoftmaxCrossEntropy.loss(Matrix.zeros(0, 3), new int[0])).isNaN();
  }

  @Test
  void inPlaceAndStridedGiveTheSame() {
    int classes = 37;
    float[] values = new float[3 * classes];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i * 31 % 17) / 4f - 2;
    }
    int[] labels = {0, 36, 5};
    float[] gradient = new float[values.length];
    float loss =
        SoftmaxCrossEntropy.lossAndGradient(
            Matrix.of(values, 3, classes), labels, Matrix.of(gradient, 3, classes));
    float[] wide = new float[3 * 50];
    Matrix strided = Matrix.of(wide, 2, 3, classes, 45);
    for (int i = 0; i < values.length; i++) {
      wide[strided.index(i / classes, i % classes)] = values[i];
    }
    assertThat(SoftmaxCrossEntropy.lossAndGradient(strided, labels, strided)).isEqualTo(loss);
    for (int i = 0; i < values.length; i++) {
      assertThat(strided.get(i / classes, i % classes)).isEqualTo(gradient[i]);
    }
  }

  @Test
  void aLabelOutOfRangeIsNamedWithItsRowAndNothingIsWritten() {
    Matrix logits = Matrix.zeros(2, 3);
    float[] gradient = {9, 9, 9, 9, 9, 9};
    assertThatThrownBy(
            () ->
                SoftmaxCrossEntropy.lossAndGradient(
                    logits, new int[] {0, 3}, Matrix.of(gradient, 2, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("labels[1] is 3, expected 0 … 2");
    assertThatThrownBy(() -> SoftmaxCrossEntropy.loss(logits, new int[] {-1, 0}))
        .hasMessage("labels[0] is -1, expected 0 … 2");
    assertThatThrownBy(() -> SoftmaxCrossEntropy.loss(logits, new int[1]))
        .hasMessage("labels.length is 1, expected 2, as logits.rows");
    assertThat(gradient).containsOnly(9f);
  }
}
