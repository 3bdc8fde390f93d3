package org.lanegrad.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

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
