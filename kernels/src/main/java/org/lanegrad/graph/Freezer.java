package org.lanegrad.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lanegrad.Matrix;
import org.lanegrad.graph.Node.Source;

/**
 * Copies what some outputs need into a graph of its own, with the parameters as they are: what
 * depends on no input is computed once, ops may {@linkplain Op#prepared build in} what never
 * changes, and what is {@linkplain Op#isTrainingOnly part of training} is left out.
 */
final class Freezer {
  private final boolean halved;
  private final List<Node> outputs;
  private final List<Call> calls;
  private final Graph frozen = new Graph();

  /** What the outputs and their calls read. */
  private final Set<Node> read;

  /** What never changes: values of the old graph and, for those that are read, copies of them. */
  private final Set<Node> fixed = new HashSet<>();

  private final Set<Call> fixedCalls = new HashSet<>();

  private final Map<Node, Matrix> values = new LinkedHashMap<>();
  private final Map<Node, Node> copies = new HashMap<>();

  Freezer(Graph graph, boolean halved, List<Node> outputs) {
    this.halved = halved;
    this.outputs = outputs;
    calls = graph.needed(outputs, Freezer::reads);
    read = new HashSet<>(outputs);
    calls.forEach(call -> read.addAll(reads(call)));
    calls.stream().flatMap(call -> reads(call).stream()).forEach(this::leaf);
    outputs.forEach(this::leaf);
    for (Call call : calls) {
      if (isFixed(call)) {
        fixedCalls.add(call);
        fixed.addAll(call.outputs());
      }
    }
    fold(graph);
  }

  /** What a call reads when nothing is trained. */
  static List<Node> reads(Call call) {
    return call.op().isTrainingOnly() ? call.inputs().subList(0, 1) : call.inputs();
  }

  private void leaf(Node node) {
    if (node.source() == Source.INPUT) {
      copies.computeIfAbsent(node, n -> frozen.input(n.name(), n.shape()));
    } else if (node.source() != Source.OP && fixed.add(node)) {
      values.put(node, copy(node.held()));
    }
  }

  private boolean isFixed(Call call) {
    return fixed.containsAll(reads(call))
        && !call.op().readsBatch()
        && call.outputs().stream()
            .filter(read::contains)
            .allMatch(node -> node.hasGradient() && !node.shape().isBatch());
  }

  /** Computes what is fixed, and read by what is not. */
  private void fold(Graph graph) {
    Set<Node> asked = new LinkedHashSet<>(outputs);
    calls.stream()
        .filter(call -> !fixedCalls.contains(call))
        .forEach(call -> asked.addAll(reads(call)));
    List<Node> folded =
        asked.stream().filter(node -> node.source() == Source.OP && fixed.contains(node)).toList();
    if (!folded.isEmpty()) {
      Session session = graph.session(folded.toArray(Node[]::new)).run();
      folded.forEach(node -> values.put(node, copy(session.value(node))));
    }
  }

  private static Matrix copy(Matrix matrix) {
    Matrix copy = Matrix.zeros(matrix.rows(), matrix.columns());
    for (int i = 0; i < matrix.rows(); i++) {
      for (int j = 0; j < matrix.columns(); j++) {
        copy.array()[copy.index(i, j)] = matrix.array()[matrix.index(i, j)];
      }
    }
    return copy;
  }

  Graph run() {
    for (Call call : calls) {
      if (!fixedCalls.contains(call)) {
        boolean savesNothing = call.outputs().stream().skip(1).noneMatch(read::contains);
        apply(call, savesNothing);
      }
    }
    outputs.forEach(this::copied);
    return frozen;
  }

  private void apply(Call call, boolean mayPrepare) {
    if (call.op().isTrainingOnly()) {
      Node output = call.outputs().get(0);
      Node input = copied(call.inputs().get(0));
      copies.put(output, outputs.contains(output) ? Ops.copy(input).named(output.name()) : input);
      return;
    }
    List<Matrix> matrices = new ArrayList<>();
    List<Node> rest = new ArrayList<>();
    for (Node input : call.inputs()) {
      matrices.add(values.get(input));
      if (!values.containsKey(input)) {
        rest.add(copied(input));
      }
    }
    Op prepared =
        mayPrepare && rest.size() < matrices.size() ? call.op().prepared(matrices, halved) : null;
    Node first =
        prepared == null
            ? frozen.apply(call.op(), call.inputs().stream().map(this::copied).toArray(Node[]::new))
            : frozen.apply(prepared, rest.toArray(Node[]::new));
    for (int k = 0; k < (prepared == null ? call.outputs().size() : 1); k++) {
      Node old = call.outputs().get(k);
      copies.put(old, first.output(k).named(old.name()));
    }
  }

  private Node copied(Node old) {
    Node known = copies.get(old);
    if (known == null) {
      known = frozen.constant(old.name(), values.get(old));
      copies.put(old, known);
    }
    return known;
  }
}
