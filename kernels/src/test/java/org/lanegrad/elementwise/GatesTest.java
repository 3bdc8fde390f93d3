package org.lanegrad.elementwise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;

/** What random numbers do not meet: ties, NaN, shared arrays. */
class GatesTest {
  @Test
  void aTieGoesToTheFirstAndNanIsPassedOnWithItsGradient() {
    float nan = Float.NaN;
    float[] a = {1, 3, nan, 2, nan};
    float[] b = {1, 4, 5, nan, nan};
    float[] y = new float[5];
    Maximum.forward(a, 0, b, 0, y, 0, 5);
    assertThat(y).containsExactly(1, 4, nan, nan, nan);
    float[] da = new float[5];
    float[] db = new float[5];
    Maximum.backward(new float[] {1, 2, 3, 4, 5}, 0, a, 0, b, 0, da, 0, db, 0, 5);
    assertThat(da).containsExactly(1, 0, 3, 0, 0);
    assertThat(db).containsExactly(0, 2, 0, 4, 5);
  }

  @Test
  void multiplyMayPutItsGradientsWhereItsInputsAre() {
    float[] a = {2, 3};
    float[] b = {5, 7};
    Multiply.backward(new float[] {1, 10}, 0, a, 0, b, 0, b, 0, a, 0, 2);
    assertThat(b).as("da").containsExactly(5, 70);
    assertThat(a).as("db").containsExactly(2, 30);
  }

  @Test
  void aBiasIsAddedInPlaceOrElsewhereButNotBesideItself() {
    float[] array = new float[41];
    Matrix x = Matrix.of(array, 0, 1, 40, 40);
    BiasAdd.forward(x, new float[40], x);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BiasAdd.forward(x, new float[40], Matrix.of(array, 1, 1, 40, 40)))
        .withMessage("y overlaps x, expected separate elements");
  }

  @Test
  void twoOutputsMustBeSeparate() {
    float[] both = {1, 2, 3};
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Add.backward(new float[2], 0, both, 0, both, 1, 2))
        .withMessage("da overlaps db, expected separate elements");
    assertThat(both).containsExactly(1, 2, 3);
  }

  @Test
  void biasIsBroadcastForwardAndSummedBackward() {
    Matrix x = Matrix.of(new float[] {1, 2, 3, 4}, 2, 2);
    BiasAdd.forward(x, new float[] {10, 20}, x);
    assertThat(x.array()).containsExactly(11, 22, 13, 24);
    float[] db = {100, 0};
    BiasAdd.backward(x, db);
    assertThat(db).containsExactly(124, 46);
  }
}
