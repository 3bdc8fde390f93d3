package org.lanegrad.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;

/** Options, special values and errors of the losses. */
class LossesTest {
  private static final float NONE = Float.NEGATIVE_INFINITY;

  @Test
  void theMeanIsOverWhatCounted() {
    Matrix x = Matrix.of(new float[] {0, 0, 0, 0, 0, 0}, 3, 2);
    int[] labels = {0, 1, 7};
    Targets targets = Targets.of(labels).ignoring(7).weighted(new float[] {1, 3});
    float[] losses = new float[3];
    float mean = SoftmaxCrossEntropy.loss(x, targets, losses);
    float log2 = (float) Math.log(2);
    assertThat(losses).containsExactly(log2, 3 * log2, 0);
    assertThat(mean).isCloseTo(log2, within(1e-7f));
    float sum = SoftmaxCrossEntropy.loss(x, targets.reduced(Reduction.SUM), null);
    assertThat(sum).isCloseTo(4 * log2, within(1e-6f));
  }

  @Test
  void anIgnoredRowHasNoGradient() {
    Matrix x = Matrix.of(new float[] {1, 2, Float.NaN, 4}, 2, 2);
    Matrix gradient = Matrix.zeros(2, 2);
    Targets targets = Targets.of(new int[] {0, -100}).ignoring(-100);
    float loss = SoftmaxCrossEntropy.lossAndGradient(x, targets, null, gradient);
    assertThat(loss).isFinite();
    assertThat(gradient.get(1, 0)).isZero();
    assertThat(gradient.get(1, 1)).isZero();
    Matrix logs = Matrix.of(new float[] {-1, -2, Float.NaN, -4}, 2, 2);
    assertThat(NegativeLogLikelihood.lossAndGradient(logs, targets, null, gradient)).isEqualTo(1f);
    assertThat(gradient.array()).containsExactly(-1, 0, 0, 0);
  }

  @Test
  void nothingThatCountsHasNoMean() {
    Targets targets = Targets.of(new int[] {5}).ignoring(5);
    assertThat(SoftmaxCrossEntropy.loss(Matrix.zeros(1, 2), targets, null)).isNaN();
    assertThat(SoftmaxCrossEntropy.loss(Matrix.zeros(0, 2), new int[0])).isNaN();
  }

  @Test
  void smoothingSpreadsTheLabelEvenly() {
    Matrix x = Matrix.of(new float[] {2, 0, -1}, 1, 3);
    Matrix gradient = Matrix.zeros(1, 3);
    Targets targets = Targets.of(new int[] {0}).smoothed(1f);
    SoftmaxCrossEntropy.lossAndGradient(x, targets, null, gradient);
    double sum = Math.exp(2) + 1 + Math.exp(-1);
    assertThat((double) gradient.get(0, 0)).isCloseTo(Math.exp(2) / sum - 1 / 3.0, within(1e-6));
    assertThat((double) gradient.get(0, 2)).isCloseTo(Math.exp(-1) / sum - 1 / 3.0, within(1e-6));
  }

  @Test
  void extremeLogitsHaveFiniteLosses() {
    Matrix x = Matrix.of(new float[] {1e4f, -1e4f}, 1, 2);
    assertThat(SoftmaxCrossEntropy.loss(x, new int[] {1})).isEqualTo(2e4f);
    assertThat(SoftmaxCrossEntropy.loss(x, new int[] {0})).isZero(); // e^−20,000 is 0
    Matrix masked = Matrix.of(new float[] {NONE, 1, NONE, NONE}, 2, 2);
    Matrix gradient = Matrix.zeros(2, 2);
    SoftmaxCrossEntropy.lossAndGradient(masked, new int[] {1, 0}, gradient);
    assertThat(gradient.get(0, 0)).isZero();
    assertThat(gradient.get(1, 0)).isNaN();
    Targets weightless = Targets.of(new int[] {0}).weighted(new float[] {0, 1});
    float loss =
        NegativeLogLikelihood.loss(
            Matrix.of(new float[] {NONE, 0}, 1, 2), weightless.reduced(Reduction.SUM), null);
    assertThat(loss).isZero();
  }

  @Test
  void binaryLogitsOfAnySizeHaveFiniteLosses() {
    float[] x = {1e4f, -1e4f, 200, 0};
    float[] t = {0, 1, 1, 0.5f};
    float[] gradient = new float[4];
    float loss = new BinaryCrossEntropy(1f).lossAndGradient(x, 0, t, 0, gradient, 0, 4);
    assertThat(loss).isCloseTo((2e4f + (float) Math.log(2)) / 4, within(1e-3f));
    assertThat(gradient).containsExactly(0.25f, -0.25f, 0f, 0f);
  }

  @Test
  void aRowThatIsSureStillHasALossAndAGradientThatAddsUpToZero() {
    for (int classes : new int[] {2, 3, 10, 33, 1030}) {
      float[] row = new float[classes];
      int label = classes / 2;
      row[label] = 18 + (float) Math.log(classes - 1.0);
      double others = (classes - 1) * Math.exp(-(double) row[label]);
      Matrix x = Matrix.of(row, 1, classes);
      Matrix gradient = Matrix.zeros(1, classes);
      float loss = SoftmaxCrossEntropy.loss(x, new int[] {label});
      assertThat(loss).isCloseTo((float) Math.log1p(others), withinPercentage(1e-3));
      assertThat(SoftmaxCrossEntropy.lossAndGradient(x, new int[] {label}, gradient))
          .isEqualTo(loss);
      double sum = 0;
      for (float g : gradient.array()) {
        sum += g;
      }
      assertThat(gradient.get(0, label)).isNegative();
      assertThat(Math.abs(sum)).isLessThan(1e-5 * others);
    }
  }

  @Test
  void theSmallestIntegerIsNoLabel() {
    int[] labels = {0, Integer.MIN_VALUE};
    String message = "labels[1] is -2147483648, expected 0 … 2";
    Matrix x = Matrix.zeros(2, 3);
    Matrix gradient = Matrix.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SoftmaxCrossEntropy.lossAndGradient(x, labels, gradient))
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> NegativeLogLikelihood.lossAndGradient(x, Targets.of(labels), null, gradient))
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MulticlassHinge.lossAndGradient(x, labels, 1f, gradient))
        .withMessage(message);
    assertThat(gradient.array()).containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  void infiniteBinaryLogitsCostNothingOnTheRightSide() {
    float inf = Float.POSITIVE_INFINITY;
    for (int n : new int[] {2, 40}) {
      float[] x = new float[n];
      float[] t = new float[n];
      for (int i = 0; i < n; i++) {
        x[i] = i % 2 == 0 ? inf : -inf;
        t[i] = i % 2 == 0 ? 1 : 0;
      }
      float[] gradient = new float[n];
      BinaryCrossEntropy loss = new BinaryCrossEntropy(1f);
      assertThat(loss.lossAndGradient(x, 0, t, 0, gradient, 0, n)).isZero();
      assertThat(gradient).containsOnly(0f);
      t[0] = 0;
      assertThat(loss.lossAndGradient(x, 0, t, 0, gradient, 0, n)).isEqualTo(inf);
      x[1] = Float.NaN;
      assertThat(loss.lossAndGradient(x, 0, t, 0, gradient, 0, n)).isNaN();
    }
  }

  @Test
  void aScoreOnItsMarginsEdgeDoesNotCount() {
    Matrix scores = Matrix.of(new float[] {3, 2, 2.5f, -9}, 1, 4);
    Matrix gradient = Matrix.zeros(1, 4);
    float loss = MulticlassHinge.lossAndGradient(scores, new int[] {0}, 1f, gradient);
    assertThat(loss).isEqualTo(0.5f);
    assertThat(gradient.array()).containsExactly(-1, 0, 1, 0);
    assertThat(MulticlassHinge.lossAndGradient(scores, new int[] {0}, 1f, scores)).isEqualTo(0.5f);
    assertThat(scores.array()).containsExactly(-1, 0, 1, 0);
  }

  @Test
  void regularizersAddToTheGradientIfAskedTo() {
    float[] w = {3, -2, 0};
    float[] gradient = {10, 10, 10};
    Regularizer regularizer = new Regularizer(0.5f, 2f);
    float penalty = regularizer.penaltyAndGradient(w, 0, gradient, 0, 3, true);
    assertThat(penalty).isEqualTo(0.5f * 5 + 13);
    assertThat(gradient).containsExactly(10 + 0.5f + 6, 10 - 0.5f - 4, 10);
    assertThat(regularizer.penaltyAndGradient(w, 0, gradient, 0, 3)).isEqualTo(penalty);
    assertThat(gradient).containsExactly(0.5f + 6, -0.5f - 4, 0);
  }

  @Test
  void wrongArgumentsAreNamed() {
    Matrix x = Matrix.zeros(2, 3);
    int[] labels = {0, 3};
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NegativeLogLikelihood.loss(x, Targets.of(labels), null))
        .withMessage("labels[1] is 3, expected 0 … 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MulticlassHinge.lossAndGradient(x, labels, 1f, null))
        .withMessage("labels[1] is 3, expected 0 … 2");
    Targets targets = Targets.of(new int[] {0, 1});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> targets.smoothed(1.5f))
        .withMessage("smoothing is 1.5, expected 0 … 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SoftmaxCrossEntropy.loss(x, targets.weighted(new float[2]), null))
        .withMessage("weights.length is 2, expected 3, as logits.columns");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SoftmaxCrossEntropy.loss(x, targets, new float[1]))
        .withMessage("losses.length is 1, expected 2, as rows");
    assertThatNullPointerException()
        .isThrownBy(() -> Targets.of(null))
        .withMessage("labels is null, expected an int[]");
    float[] t = {0, 2};
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new BinaryCrossEntropy(1f).lossAndGradient(new float[2], 0, t, 0, null, 0, 2))
        .withMessage("targets[1] is 2.0, expected 0 … 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MeanSquaredError.lossAndGradient(t, 0, t, 1, null, 0, 2))
        .withMessageContaining("targets has length 2");
  }

  @Test
  void lossesOfMatricesAreThoseOfTheirElements() {
    float[] array = new float[90];
    float[] goals = new float[90];
    for (int i = 0; i < array.length; i++) {
      array[i] = 0.37f * (i % 11) - 1.5f;
      goals[i] = i % 5 / 4f;
    }
    Matrix x = Matrix.of(array, 1, 4, 19, 22);
    Matrix t = Matrix.of(goals, 0, 4, 19, 20);
    float[] flat = new float[76];
    float[] flatTargets = new float[76];
    for (int i = 0; i < 76; i++) {
      flat[i] = x.get(i / 19, i % 19);
      flatTargets[i] = t.get(i / 19, i % 19);
    }
    Matrix gradient = Matrix.of(new float[100], 3, 4, 19, 24);
    float[] expected = new float[76];
    BinaryCrossEntropy binary = new BinaryCrossEntropy(2f);
    float loss = MeanSquaredError.lossAndGradient(flat, 0, flatTargets, 0, expected, 0, 76);
    assertThat(MeanSquaredError.lossAndGradient(x, t, gradient)).isCloseTo(loss, within(1e-6f));
    assertEach(gradient, expected);
    assertThat(MeanSquaredError.lossAndGradient(x, t, null)).isCloseTo(loss, within(1e-6f));
    loss = binary.lossAndGradient(flat, 0, flatTargets, 0, expected, 0, 76);
    assertThat(binary.lossAndGradient(x, t, gradient)).isCloseTo(loss, within(1e-6f));
    assertEach(gradient, expected);
    Matrix whole = Matrix.of(flat, 4, 19);
    assertThat(binary.lossAndGradient(whole, Matrix.of(flatTargets, 4, 19), whole)).isEqualTo(loss);
    assertEach(whole, expected);
  }

  private static void assertEach(Matrix matrix, float[] expected) {
    for (int i = 0; i < expected.length; i++) {
      int columns = matrix.columns();
      assertThat(matrix.get(i / columns, i % columns)).as("element %d", i).isEqualTo(expected[i]);
    }
  }

  @Test
  void lossesOfMatricesRefuseWhatDoesNotFitByName() {
    Matrix x = Matrix.zeros(2, 3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MeanSquaredError.lossAndGradient(x, Matrix.zeros(3, 2), null))
        .withMessage("targets.rows is 3, expected 2, as y.rows");
    assertThatNullPointerException()
        .isThrownBy(() -> MeanSquaredError.lossAndGradient(x, null, null))
        .withMessage("targets is null, expected a Matrix");
    Matrix t = Matrix.zeros(2, 3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MeanSquaredError.lossAndGradient(x, t, t))
        .withMessageContaining("gradient overlaps targets");
    t.set(1, 2, 1.5f);
    Matrix gradient = Matrix.of(new float[] {9, 9, 9, 9, 9, 9}, 2, 3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BinaryCrossEntropy(1f).lossAndGradient(x, t, gradient))
        .withMessage("targets[5] is 1.5, expected 0 … 1");
    assertThat(gradient.get(0, 0)).isEqualTo(9f);
  }
}
