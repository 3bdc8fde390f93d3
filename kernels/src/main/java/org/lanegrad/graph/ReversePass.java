package org.lanegrad.graph;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import org.lanegrad.check.Check;

/**
 * Extends a graph by the nodes of a backward pass: from the nodes that upstream gradients are given
 * for, in the opposite order of the forward pass, to the targets. Where a value has several
 * readers, what they leave is summed.
 */
final class ReversePass {
  private final Graph graph;
  private final Map<Node, Node> sums = new HashMap<>();
  private final Set<Node> targets;

  /** By index: which nodes depend on a target, or are one. */
  private final BitSet dependent = new BitSet();

  ReversePass(Graph graph, Set<Node> targets) {
    this.graph = graph;
    this.targets = targets;
  }

  /** Runs it over all that the graph has; {@link #sumOf} then has the gradients of the targets. */
  void run(Map<Node, Node> upstream) {
    run(upstream, 0);
  }

  private void run(Map<Node, Node> upstream, int firstCall) {
    List<Call> calls = new ArrayList<>(graph.calls().subList(firstCall, graph.calls().size()));
    targets.forEach(target -> dependent.set(target.index()));
    for (Call call : calls) {
      boolean depends = call.inputs().stream().anyMatch(this::leadsToTarget);
      call.outputs().stream()
          .filter(output -> depends && output.hasGradient())
          .forEach(output -> dependent.set(output.index()));
    }
    upstream.forEach((node, gradient) -> sums.merge(node, gradient, Ops::add));
    for (int i = calls.size() - 1; i >= 0; i--) {
      Call call = calls.get(i);
      boolean leads = call.inputs().stream().anyMatch(this::leadsToTarget);
      if (leads && call.outputs().stream().anyMatch(sums::containsKey)) {
        call.op().gradient(new Gradient(this, call));
      }
    }
  }

  /** Null if nothing has flowed into it. */
  Node sumOf(Node node) {
    return sums.get(node);
  }

  boolean leadsToTarget(Node node) {
    return dependent.get(node.index());
  }

  void add(Call call, int input, Supplier<Node> rule) {
    int first = graph.size();
    Node node = call.inputs().get(input);
    Node downstream = rule.get();
    Check.notNull(
        "the downstream gradient that " + call.op().name() + " adds", downstream, "a Node");
    if (!downstream.shape().equals(node.shape())) {
      throw new IllegalArgumentException(
          call.op().name()
              + ": the gradient of input "
              + input
              + " is "
              + downstream.shape()
              + ", expected "
              + node.shape()
              + ", as the input");
    }
    Node sum = sums.get(node);
    // what the rule did not make itself, but passes on, may have other readers
    boolean isNew = downstream.index() >= first;
    sums.put(node, sum == null ? downstream : sum(sum, downstream, isNew));
  }

  /** A new product adds onto what is there, which saves a pass over memory. */
  private Node sum(Node sum, Node downstream, boolean isNew) {
    if (isNew
        && downstream.op() instanceof ProductOp product
        && !product.accumulates()
        && graph.removeLast(downstream.call())) {
      List<Node> inputs = new ArrayList<>(downstream.inputs());
      inputs.add(sum);
      return graph.apply(product.accumulating(), inputs.toArray(Node[]::new));
    }
    return Ops.add(sum, downstream);
  }

  void through(Call call, List<Node> expressions, IntPredicate chosen) {
    Map<Node, Node> upstream = new HashMap<>();
    for (int k = 0; k < expressions.size(); k++) {
      Node gradient = sums.get(call.outputs().get(k));
      if (gradient != null && expressions.get(k) != null) {
        upstream.merge(expressions.get(k), gradient, Ops::add);
      }
    }
    Set<Node> wanted = new HashSet<>();
    for (int i = 0; i < call.inputs().size(); i++) {
      if (chosen.test(i) && leadsToTarget(call.inputs().get(i))) {
        wanted.add(call.inputs().get(i));
      }
    }
    // over the expressions alone: what the inputs hold in common is the outer pass's affair
    ReversePass inner = new ReversePass(graph, wanted);
    inner.run(upstream, graph.calls().indexOf(call) + 1);
    Set<Node> done = new HashSet<>();
    for (int i = 0; i < call.inputs().size(); i++) {
      Node input = call.inputs().get(i);
      if (chosen.test(i)
          && wanted.contains(input)
          && inner.sumOf(input) != null
          && done.add(input)) {
        add(call, i, () -> inner.sumOf(input));
      }
    }
  }
}
