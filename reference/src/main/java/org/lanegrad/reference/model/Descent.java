package org.lanegrad.reference.model;

import java.util.Map;
import org.lanegrad.reference.graph.Graph;

/** Plain gradient descent on a graph: p ← p − η·∂L/∂p. */
final class Descent {
  private Descent() {}

  /** So many steps on the given parameters, which are changed; returns the last loss. */
  static double run(
      Graph graph, String loss, Map<String, double[]> parameters, double learningRate, int steps) {
    for (int step = 0; step < steps; step++) {
      parameters.forEach(graph::feed);
      graph.forward();
      graph.backward(loss);
      parameters.forEach(
          (name, values) -> {
            double[] gradient = graph.gradient(name);
            for (int i = 0; i < values.length; i++) {
              values[i] -= learningRate * gradient[i];
            }
          });
    }
    parameters.forEach(graph::feed);
    graph.forward();
    return graph.number(loss);
  }
}
