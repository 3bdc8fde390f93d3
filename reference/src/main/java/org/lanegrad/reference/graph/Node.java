package org.lanegrad.reference.graph;

import java.util.List;
import org.lanegrad.reference.gate.Gate;
import org.lanegrad.reference.op.Op;
import org.lanegrad.reference.op.Variable;

/** A node of a {@link Graph}: an input, or an op applied to other nodes. */
final class Node {
  final String name;
  final List<String> inputs;

  /** To be spread over the inputs' shape when that is known, or null. */
  final Gate gate;

  /** Null for an input. */
  Op op;

  /** Null until it is known. */
  Variable shape;

  /** Null until it is fed or computed. */
  double[] value;

  /** Null until something flows back. */
  double[] gradient;

  Node(String name, Gate gate, Op op, Variable shape, List<String> inputs) {
    this.name = name;
    this.gate = gate;
    this.op = op;
    this.shape = shape;
    this.inputs = inputs;
  }

  boolean isInput() {
    return gate == null && op == null;
  }
}
