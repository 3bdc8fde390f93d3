package org.lanegrad.reference.model;

import org.lanegrad.reference.gate.Binary;
import org.lanegrad.reference.gate.UnaryGate;
import org.lanegrad.reference.graph.Graph;

/**
 * a_l = f(w·a_{l−1}), l = 1 … depth. The gradient of the end with respect to the start is the
 * product of depth factors w·f′: at most (w/4)^depth with the sigmoid, w^depth with an active ReLU.
 */
public final class DeepChain {
  private final Graph graph = new Graph();
  private final int depth;

  /** A chain, all of whose weights are one input. */
  public DeepChain(UnaryGate f, int depth) {
    this.depth = depth;
    graph.input("w").input("a0");
    for (int l = 1; l <= depth; l++) {
      graph.node("z" + l, Binary.MULTIPLY, "w", "a" + (l - 1));
      graph.node("a" + l, f, "z" + l);
    }
  }

  /** ∂a_depth/∂a₀. */
  public double gradient(double weight, double start) {
    graph.feed("w", weight).feed("a0", start);
    graph.forward();
    graph.backward("a" + depth);
    return graph.gradient("a0")[0];
  }
}
