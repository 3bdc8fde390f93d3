package org.lanegrad.reference.model;

import java.util.Map;
import org.lanegrad.reference.gate.PiecewiseLinear;
import org.lanegrad.reference.graph.Graph;
import org.lanegrad.reference.op.DenseLayer;
import org.lanegrad.reference.op.MeanSquaredError;

/** t ≈ X·w + b by gradient descent on the mean squared error. */
public final class LinearRegression {
  private final double[] w;
  private final double[] b = {0};
  private final Graph graph = new Graph();

  /**
   * A model of data, w and b being 0 as yet.
   *
   * @param x the inputs, row by row
   * @param t the target of each row
   */
  public LinearRegression(double[] x, double[] t) {
    int rows = t.length;
    int inputs = x.length / rows;
    w = new double[inputs];
    graph.input("x", rows, inputs).input("w", inputs, 1).input("b").input("t", rows, 1);
    graph.node("y", new DenseLayer(PiecewiseLinear.identity(), rows, inputs, 1), "x", "w", "b");
    graph.node("loss", new MeanSquaredError(rows, 1), "y", "t");
    graph.feed("x", x).feed("t", t);
  }

  /** Descends; returns the loss. */
  public double train(double learningRate, int steps) {
    return Descent.run(graph, "loss", Map.of("w", w, "b", b), learningRate, steps);
  }

  /** The weights as they are. */
  public double[] weights() {
    return w.clone();
  }

  /** The bias as it is. */
  public double bias() {
    return b[0];
  }
}
