package org.lanegrad.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.lanegrad.graph.Ops.dropout;
import static org.lanegrad.graph.Ops.shift;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Ops;
import org.lanegrad.graph.Session;

/** Elements that are left out at random, by the draws that a trainer or a user feeds. */
class DropoutTest {
  private final Graph graph = new Graph();
  private final Node x = graph.input("x", 83);
  private final Node draws = graph.ints("draws", 1);

  private static int[] seeded(int rows, long seed) {
    return new SplittableRandom(seed).ints(rows).toArray();
  }

  private static Matrix ones(int rows, int columns) {
    Matrix ones = Matrix.zeros(rows, columns);
    Arrays.fill(ones.array(), 1f);
    return ones;
  }

  private float[] run(Node y, Matrix values, int[] drawn) {
    Session session = graph.session(y).bind(x, values).bind(draws, drawn).run();
    Matrix value = session.value(y);
    return Arrays.copyOfRange(
        value.array(), value.offset(), value.offset() + value.rows() * value.columns());
  }

  @Test
  void itsShareIsDroppedAndTheMeanStays() {
    for (float rate : new float[] {0f, 0.1f, 0.5f, 0.9f}) {
      float[] y = run(dropout(x, rate, draws), ones(2000, 83), seeded(2000, 1));
      int zeros = 0;
      double sum = 0;
      for (int i = 0; i < 2000 * 83; i++) {
        zeros += y[i] == 0 ? 1 : 0;
        sum += y[i];
        assertThat(y[i] == 0 || y[i] == 1f / (1f - rate)).isTrue();
      }
      // five standard deviations of 166,000 throws
      double spread = 5 * Math.sqrt(rate * (1 - rate) / 166_000);
      assertThat(zeros / 166_000.0).isCloseTo(rate, within(spread + 1e-9));
      assertThat(sum / 166_000).isCloseTo(1, within(spread / (1 - rate) + 1e-6));
    }
  }

  @Test
  void rowsColumnsDrawsAndLayersHaveMasksThatDoNotHangTogether() {
    Node first = dropout(x, 0.5f, draws);
    Node second = dropout(shift(0f, x), 0.5f, draws);
    float[] a = run(first, ones(1000, 83), seeded(1000, 1));
    float[] b = run(second, ones(1000, 83), seeded(1000, 1));
    int[] consecutive = new int[1000];
    Arrays.setAll(consecutive, i -> i);
    float[] c = run(first, ones(1000, 83), consecutive);
    assertThat(correlation(a, b, 0)).isCloseTo(0, within(0.02));
    assertThat(correlation(a, a, 1)).isCloseTo(0, within(0.02));
    assertThat(correlation(a, a, 83)).isCloseTo(0, within(0.02));
    assertThat(correlation(c, c, 83)).isCloseTo(0, within(0.02));
    assertThat(correlation(c, c, 84)).isCloseTo(0, within(0.02));
    assertThat(correlation(a, c, 0)).isCloseTo(0, within(0.02));
  }

  /** Of masks of a half: ±1 around the mean. 0.02 are almost six standard deviations. */
  private static double correlation(float[] a, float[] b, int shift) {
    double sum = 0;
    for (int i = 0; i + shift < 83_000; i++) {
      sum += (a[i] - 1) * (b[i + shift] - 1);
    }
    return sum / (83_000 - shift);
  }

  @Test
  void theBackwardPassHasTheMaskOfTheForwardPass() {
    Node y = dropout(x, 0.3f, draws);
    Node dx = graph.gradient(y, y, List.of(x)).get(0);
    Matrix values = Initial.uniform(Matrix.zeros(7, 83), 1, 5);
    float[] out = run(y, values, seeded(7, 2));
    float[] down = run(dx, values, seeded(7, 2));
    for (int i = 0; i < 7 * 83; i++) {
      // dx = mask · scale · (mask · scale · x)
      assertThat(down[i]).isEqualTo(out[i] == 0f ? 0f : out[i] * (1f / (1f - 0.3f)));
    }
  }

  @Test
  void infiniteElementsThatAreDroppedLeaveZero() {
    Matrix values = Matrix.zeros(50, 83);
    Arrays.fill(values.array(), Float.POSITIVE_INFINITY);
    values.set(3, 3, Float.NaN);
    float[] y = run(dropout(x, 0.5f, draws), values, seeded(50, 3));
    for (int i = 0; i < 50 * 83; i++) {
      assertThat(y[i] == 0f || y[i] == Float.POSITIVE_INFINITY || i == 3 * 83 + 3).isTrue();
    }
  }

  @Test
  void aModelHasNone() {
    Node w = graph.parameter("w", Initial.he(83, 5, 1));
    Node y = dropout(Ops.product(dropout(x, 0.5f, draws), w), 0.5f, draws).named("y");
    Node plain = Ops.product(x, w);
    Matrix values = Initial.uniform(Matrix.zeros(9, 83), 1, 5);
    Matrix scores = Matrix.zeros(9, 5);
    Matrix expected = Matrix.zeros(9, 5);
    Model.of(x, y).session(9).run(values, scores);
    Model.of(x, plain).session(9).run(values, expected);
    assertThat(scores.array()).containsExactly(expected.array());
    assertThat(Model.of(x, y).toString()).doesNotContain("dropout");
  }

  @Test
  void aWrongRateOrDrawIsRefused() {
    for (float rate : new float[] {-0.1f, 1f, Float.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> dropout(x, rate, draws))
          .withMessageContaining("rate is " + rate);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> dropout(x, 0.5f, graph.ints("words", 3)))
        .withMessageContaining("expected batch × 1 ints");
    Node w = graph.parameter("w", Matrix.zeros(3, 4));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> dropout(w, 0.5f, draws))
        .withMessageContaining("a row for each example");
  }
}
