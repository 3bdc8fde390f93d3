package org.lanegrad.reference.model;

import java.util.Map;
import org.lanegrad.reference.gate.PiecewiseLinear;
import org.lanegrad.reference.graph.Graph;
import org.lanegrad.reference.op.DenseLayer;

/**
 * Is a point inside a triangle? Three neurons each say on which side of a line the point lies, and
 * one on top says whether all three agree: h = step(W·x + b), y = step(h₁ + h₂ + h₃ − 2½). One
 * layer alone could only cut the plane in two.
 */
public final class TrianglePerceptron {
  private final Graph graph = new Graph();

  /**
   * The triangle with corners (x₀, y₀), (x₁, y₁), (x₂, y₂), counter-clockwise.
   *
   * @throws IllegalArgumentException if they are not: the point would be outside of each line
   */
  public TrianglePerceptron(double x0, double y0, double x1, double y1, double x2, double y2) {
    double[][] corners = {{x0, y0}, {x1, y1}, {x2, y2}};
    double[] w = new double[6];
    double[] b = new double[3];
    for (int line = 0; line < 3; line++) {
      double[] from = corners[line];
      double[] to = corners[(line + 1) % 3];
      // the normal of the edge that points inward
      w[line] = from[1] - to[1];
      w[3 + line] = to[0] - from[0];
      b[line] = -(w[line] * from[0] + w[3 + line] * from[1]);
      double[] opposite = corners[(line + 2) % 3];
      if (!(w[line] * opposite[0] + w[3 + line] * opposite[1] + b[line] > 0)) {
        throw new IllegalArgumentException("the corners are not counter-clockwise");
      }
    }
    PiecewiseLinear step = PiecewiseLinear.threshold(0);
    graph.input("x", 1, 2).input("w", 2, 3).input("b", 1, 3);
    graph.input("v", 3, 1).input("c");
    graph.node("h", new DenseLayer(step, 1, 2, 3), "x", "w", "b");
    graph.node("y", new DenseLayer(step, 1, 3, 1), "h", "v", "c");
    Map.of("w", w, "b", b, "v", new double[] {1, 1, 1}, "c", new double[] {-2.5})
        .forEach(graph::feed);
  }

  /** Whether the point is inside. */
  public boolean contains(double x, double y) {
    graph.feed("x", x, y);
    graph.forward();
    return graph.number("y") == 1;
  }
}
