package org.lanegrad.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;

class SgdTest {
  @Test
  void aStepGoesAgainstTheGradient() {
    float[] p = {1, 2, 3};
    Sgd.step(0.5f, new float[] {2, -4, 0}, p);
    assertThat(p).containsExactly(0, 4, 3);
  }

  @Test
  void onlyTheRangeIsWritten() {
    float[] p = new float[100];
    float[] g = new float[100];
    java.util.Arrays.fill(g, 1f);
    Sgd.step(1f, g, 3, p, 20, 37);
    for (int i = 0; i < 100; i++) {
      assertThat(p[i]).isEqualTo(i >= 20 && i < 57 ? -1f : 0f);
    }
  }

  @Test
  void matricesMayHaveGapsWhichAreLeftAlone() {
    float[] p = new float[12];
    Matrix parameters = Matrix.of(p, 1, 2, 3, 5);
    Sgd.step(0.5f, Matrix.of(new float[] {2, 4, 6, 8, 10, 12}, 2, 3), parameters);
    assertThat(p).containsExactly(0, -1, -2, -3, 0, 0, -4, -5, -6, 0, 0, 0);
    assertThatThrownBy(() -> Sgd.step(1f, Matrix.zeros(2, 4), parameters))
        .hasMessage("gradient.columns is 4, expected 3, as parameters.columns");
    assertThatThrownBy(() -> Sgd.step(1f, Matrix.zeros(3, 2).transposed(), parameters))
        .hasMessage("gradient is transposed, expected rows as they are stored");
  }

  @Test
  void badArgumentsAreNamed() {
    float[] p = new float[4];
    assertThatThrownBy(() -> Sgd.step(1f, new float[3], p))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("gradient.length is 3, expected 4, as parameters.length");
    assertThatThrownBy(() -> Sgd.step(1f, p, p))
        .hasMessage("parameters overlaps gradient, expected separate elements");
    assertThatThrownBy(() -> Sgd.step(1f, null, p))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("gradient is null, expected a float[]");
  }
}
