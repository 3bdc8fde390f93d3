package org.lanegrad.reference.model;

import java.util.Map;
import org.lanegrad.reference.gate.PiecewiseLinear;
import org.lanegrad.reference.gate.Smooth;
import org.lanegrad.reference.graph.Graph;
import org.lanegrad.reference.op.BinaryCrossEntropy;
import org.lanegrad.reference.op.DenseLayer;
import org.lanegrad.reference.op.Reshape;

/** P(t = 1 | x) = σ(w·x + b) by gradient descent on the cross-entropy. */
public final class LogisticRegression {
  private final double[] w;
  private final double[] b = {0};
  private final Graph graph = new Graph();

  /**
   * A model of data, w and b being 0 as yet.
   *
   * @param x the inputs, row by row
   * @param t the target of each row, 0 or 1
   */
  public LogisticRegression(double[] x, double[] t) {
    int rows = t.length;
    int inputs = x.length / rows;
    w = new double[inputs];
    graph.input("x", rows, inputs).input("w", inputs, 1).input("b");
    graph.node("z", new DenseLayer(PiecewiseLinear.identity(), rows, inputs, 1), "x", "w", "b");
    graph.node("flat", new Reshape(rows, 1, 1, rows), "z");
    graph.node("loss", new BinaryCrossEntropy(t, 1), "flat");
    graph.feed("x", x);
  }

  /** Descends; returns the loss. */
  public double train(double learningRate, int steps) {
    return Descent.run(graph, "loss", Map.of("w", w, "b", b), learningRate, steps);
  }

  /** P(t = 1 | x). */
  public double probability(double... x) {
    double z = b[0];
    for (int i = 0; i < w.length; i++) {
      z += w[i] * x[i];
    }
    return Smooth.SIGMOID.at(z);
  }
}
