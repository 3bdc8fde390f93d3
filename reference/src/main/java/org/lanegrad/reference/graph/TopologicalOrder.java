package org.lanegrad.reference.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Nodes in an order in which each comes after its inputs (A. Kahn, Topological Sorting of Large
 * Networks, 1962): again and again a node without an uncomputed input is taken. No recursion, so a
 * chain may be as long as memory allows.
 */
final class TopologicalOrder {
  private TopologicalOrder() {}

  static List<Node> of(Map<String, Node> nodes) {
    Map<String, Integer> missing = new LinkedHashMap<>();
    Map<String, List<Node>> readers = new LinkedHashMap<>();
    Deque<Node> ready = new ArrayDeque<>();
    for (Node node : nodes.values()) {
      missing.put(node.name, node.inputs.size());
      if (node.inputs.isEmpty()) {
        ready.add(node);
      }
      for (String input : node.inputs) {
        if (!nodes.containsKey(input)) {
          throw new IllegalStateException(
              String.format(
                  Locale.ROOT,
                  "node %s reads %s, but there is no node of that name",
                  node.name,
                  input));
        }
        readers.computeIfAbsent(input, name -> new ArrayList<>()).add(node);
      }
    }
    List<Node> order = new ArrayList<>(nodes.size());
    while (!ready.isEmpty()) {
      Node node = ready.remove();
      order.add(node);
      for (Node reader : readers.getOrDefault(node.name, List.of())) {
        if (missing.merge(reader.name, -1, Integer::sum) == 0) {
          ready.add(reader);
        }
      }
    }
    if (order.size() < nodes.size()) {
      List<String> stuck = nodes.keySet().stream().filter(name -> missing.get(name) > 0).toList();
      throw new IllegalStateException("the graph has a cycle among or before " + stuck);
    }
    return order;
  }
}
