package org.lanegrad.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;

class EmbeddingWindowTest {
  private static final int PAD = EmbeddingWindow.PADDING;

  @Test
  void aWindowIsItsWordsVectorsWithZerosForPadding() {
    Matrix e = Matrix.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
    Matrix y = Matrix.zeros(2, 6);
    EmbeddingWindow.forward(e, new int[] {PAD, 0, 2, 0, 2, 1}, y);
    assertThat(y.array()).containsExactly(0, 0, 1, 2, 5, 6, 1, 2, 5, 6, 3, 4);
  }

  @Test
  void aRepeatedWordGetsAllItsGradients() {
    Matrix de = Matrix.of(new float[] {100, 0, 0, 0}, 2, 2);
    Matrix dy = Matrix.of(new float[] {1, 2, 3, 4, 5, 6}, 1, 6);
    EmbeddingWindow.backward(dy, new int[] {0, 0, PAD}, de, true);
    assertThat(de.array()).containsExactly(104, 6, 0, 0);
    EmbeddingWindow.backward(dy, new int[] {1, 1, PAD}, de);
    assertThat(de.array()).containsExactly(0, 0, 4, 6);
  }

  @Test
  void anyNumberOfPartsGivesTheSameBits() {
    SplittableRandom random = new SplittableRandom(1);
    int[] words = new int[600];
    for (int k = 0; k < words.length; k++) {
      words[k] = random.nextInt(-1, 11);
    }
    Matrix dy = Matrix.zeros(200, 3 * 19);
    for (int i = 0; i < dy.array().length; i++) {
      dy.array()[i] = (float) random.nextDouble(-1, 1);
    }
    Matrix whole = Matrix.zeros(11, 19);
    EmbeddingWindow.backward(dy, words, whole);
    for (int parts : new int[] {2, 3, 16}) {
      Matrix de = Matrix.zeros(11, 19);
      Arrays.fill(de.array(), Float.NaN);
      for (int part = parts - 1; part >= 0; part--) {
        EmbeddingWindow.backward(dy, words, de, false, part, parts);
      }
      assertThat(de.array()).containsExactly(whole.array());
    }
  }

  @Test
  void wrongArgumentsAreNamedBeforeAnythingIsWritten() {
    Matrix e = Matrix.zeros(3, 2);
    Matrix y = Matrix.of(new float[] {9, 9, 9, 9}, 1, 4);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EmbeddingWindow.forward(e, new int[] {0, 3}, y))
        .withMessage("words[1] is 3, expected 0 … 2, or -1 for padding");
    assertThat(y.array()).containsOnly(9);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EmbeddingWindow.forward(e, new int[] {0}, y))
        .withMessage("y is 1 × 4, expected rows of whole vectors of 2, for 1 words in all");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EmbeddingWindow.forward(e, new int[] {0, 1}, Matrix.zeros(4, 1)))
        .withMessageContaining("y is 4 × 1, expected rows of whole vectors of 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EmbeddingWindow.backward(y, new int[] {0, 1}, e, true, 2, 2))
        .withMessage("part is 2 of 2, expected 0 … parts − 1");
  }
}
