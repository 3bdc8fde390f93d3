package org.lanegrad.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.lanegrad.graph.GraphTests.valuesOf;
import static org.lanegrad.graph.Ops.add;
import static org.lanegrad.graph.Ops.columns;
import static org.lanegrad.graph.Ops.concat;
import static org.lanegrad.graph.Ops.max;
import static org.lanegrad.graph.Ops.mean;
import static org.lanegrad.graph.Ops.multiply;
import static org.lanegrad.graph.Ops.power;
import static org.lanegrad.graph.Ops.reshape;
import static org.lanegrad.graph.Ops.scale;
import static org.lanegrad.graph.Ops.square;
import static org.lanegrad.graph.Ops.subtract;
import static org.lanegrad.graph.Ops.sum;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What single ops compute, and their gradients, where the reference has no op of the kind. */
class OpsTest {
  private final Graph graph = new Graph();

  private Node number(String name) {
    return graph.input(name, 1, 1);
  }

  @Test
  void powersBelowAndAtZero() {
    Node x = number("x");
    Node inverse = power(x, -2);
    Node one = power(x, 0);
    List<Node> gradients =
        List.of(graph.gradient(inverse, x).get(0), graph.gradient(one, x).get(0));
    Session session = graph.session(inverse, List.of(one, gradients.get(0), gradients.get(1)));
    session.feed(x, -0.5f).run();
    assertThat(session.number(inverse)).isEqualTo(4);
    assertThat(session.number(one)).isEqualTo(1);
    assertThat(session.number(gradients.get(0))).isEqualTo(16);
    assertThat(session.number(gradients.get(1))).isZero();
  }

  @Test
  void columnsConcatenationAndReshapeHaveTheirGradients() {
    Node x = graph.input("x", 4);
    Node left = columns(x, 0, 2);
    Node right = columns(x, 2, 2);
    Node swapped = concat(square(right), scale(3f, left), left);
    Node folded = reshape(swapped, new Shape(Shape.Kind.FLOATS, true, 3, 2));
    Node f = sum(multiply(folded, folded), Over.ALL);
    Node dx = graph.gradient(f, x).get(0);
    Session session = graph.session(folded, List.of(f, dx));
    session.feed(x, 1, 2, 3, 4, 5, 6, 7, 8).run();
    assertThat(session.value(folded).rows()).isEqualTo(6);
    assertThat(valuesOf(session, folded)).containsExactly(9, 16, 3, 6, 1, 2, 49, 64, 15, 18, 5, 6);
    float[] expected = new float[8];
    for (int i = 0; i < 8; i++) {
      expected[i] = i % 4 < 2 ? 2 * 9 * (i + 1) + 2 * (i + 1) : 4 * (i + 1) * (i + 1) * (i + 1);
    }
    assertThat(valuesOf(session, dx)).containsExactly(expected);
  }

  @Test
  void rowsColumnsAndNumbersAreRepeatedAndTheirGradientsSummed() {
    Node x = graph.input("x", 2);
    Node row = graph.input("row", 1, 2);
    Node column = graph.input("column", 1);
    Node number = number("number");
    Node f = sum(multiply(multiply(add(x, row), column), number), Over.ALL);
    List<Node> gradients = graph.gradient(f, x, row, column, number);
    Session session = graph.session(f, gradients);
    session.feed(x, 1, 2, 3, 4).feed(row, 10, 20).feed(column, 2, -1).feed(number, 0.5f).run();
    assertThat(session.number(f)).isEqualTo(0.5f * (2 * (11 + 22) - (13 + 24)));
    assertThat(valuesOf(session, gradients.get(0))).containsExactly(1, 1, -0.5f, -0.5f);
    assertThat(valuesOf(session, gradients.get(1))).containsExactly(0.5f, 0.5f);
    assertThat(valuesOf(session, gradients.get(2))).containsExactly(16.5f, 18.5f);
    assertThat(valuesOf(session, gradients.get(3))).containsExactly(2 * 33 - 37);
  }

  @Test
  void meansAndMaxima() {
    Node x = graph.input("x", 3);
    Node rows = mean(x, Over.ROWS);
    Node columns = mean(x, Over.COLUMNS);
    Node all = mean(x, Over.ALL);
    Node top = max(x, Over.COLUMNS);
    Node highest = max(x, Over.ALL);
    Node weight = graph.input("weight", 1);
    List<Node> gradients =
        List.of(
            graph.gradient(all, x).get(0),
            graph.gradient(sum(multiply(top, weight), Over.ALL), x).get(0),
            graph.gradient(highest, x).get(0));
    List<Node> outputs = new ArrayList<>(List.of(columns, all, top, highest));
    outputs.addAll(gradients);
    Session session = graph.session(rows, outputs);
    session.feed(x, 1, 5, 3, 9, 2, 7).feed(weight, 10, -1).run();
    assertThat(valuesOf(session, rows)).containsExactly(5, 3.5f, 5);
    assertThat(valuesOf(session, columns)).containsExactly(3, 6);
    assertThat(session.number(all)).isEqualTo(4.5f);
    assertThat(valuesOf(session, top)).containsExactly(5, 9);
    assertThat(session.number(highest)).isEqualTo(9);
    assertThat(valuesOf(session, gradients.get(0))).containsOnly(1 / 6f);
    assertThat(valuesOf(session, gradients.get(1))).containsExactly(0, 10, 0, -1, 0, 0);
    assertThat(valuesOf(session, gradients.get(2))).containsExactly(0, 0, 0, 1, 0, 0);
  }

  @Test
  void aRowThatIsMaskedWholeHasZerosAndNoGradient() {
    float no = Float.NEGATIVE_INFINITY;
    Node x = graph.input("x", 3);
    Node y = Ops.maskedSoftmax(x);
    Node dx = graph.gradient(y, graph.input("up", 3), List.of(x)).get(0);
    Session session = graph.session(y, List.of(dx));
    session.feed(x, no, no, no, 0, no, 0).feed(graph.node("up"), 1, 2, 3, 1, 2, 3).run();
    assertThat(valuesOf(session, y)).containsExactly(0, 0, 0, 0.5f, 0, 0.5f);
    assertThat(valuesOf(session, dx)).containsExactly(0, 0, 0, -0.5f, 0, 0.5f);
  }

  @Test
  void subtractionIsNotCommutative() {
    Node x = number("x");
    Node y = number("y");
    Node f = Ops.divide(subtract(x, y), y);
    List<Node> gradients = graph.gradient(f, x, y);
    Session session = graph.session(f, gradients);
    session.feed(x, 6).feed(y, 2).run();
    assertThat(session.number(f)).isEqualTo(2);
    assertThat(session.number(gradients.get(0))).isEqualTo(0.5f);
    assertThat(session.number(gradients.get(1))).isEqualTo(-1.5f);
  }
}
