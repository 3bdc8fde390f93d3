package org.lanegrad.graph;

import java.util.ArrayList;
import java.util.List;

/**
 * One op applied to nodes.
 *
 * @param op the op
 * @param inputs what it reads
 * @param outputs what it computes, filled in while the graph makes it
 */
record Call(Op op, List<Node> inputs, List<Node> outputs) {
  static Call of(Op op, List<Node> inputs) {
    return new Call(op, List.copyOf(inputs), new ArrayList<>());
  }

  List<Shape> inputShapes() {
    return inputs.stream().map(Node::shape).toList();
  }

  List<Shape> outputShapes() {
    return outputs.stream().map(Node::shape).toList();
  }

  /** Each call is one of a kind, although its op may be the same as another's. */
  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
