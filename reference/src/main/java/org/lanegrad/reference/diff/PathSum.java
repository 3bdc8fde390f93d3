package org.lanegrad.reference.diff;

import java.util.List;
import org.lanegrad.reference.graph.Graph;

/**
 * ∂b/∂a as the sum over all paths from a to b of the product of the edges along each: the chain
 * rule as it is said, and exponential work. Reverse mode is the same sum with the common factors
 * taken out, so that each edge is used once.
 *
 * @param derivative ∂b/∂a
 * @param paths how many paths there are
 * @param multiplications the edges of all of them
 */
public record PathSum(double derivative, long paths, long multiplications) {
  /** Walks all paths between two numbers of a graph, after its forward pass. */
  public static PathSum of(Graph graph, String a, String b) {
    if (a.equals(b)) {
      return new PathSum(1, 1, 0);
    }
    double derivative = 0;
    long paths = 0;
    long multiplications = 0;
    List<String> inputs = graph.inputsOf(b);
    for (int i = 0; i < inputs.size(); i++) {
      PathSum before = of(graph, a, inputs.get(i));
      derivative += before.derivative * graph.edge(b, i);
      paths += before.paths;
      multiplications += before.multiplications + before.paths;
    }
    return new PathSum(derivative, paths, multiplications);
  }
}
