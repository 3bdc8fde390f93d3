package org.lanegrad.verification.gradcheck;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lanegrad.Matrix;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Ops;
import org.lanegrad.graph.Session;
import org.lanegrad.graph.Shape;
import org.lanegrad.model.Examples;

/** Nodes of a graph as a function of the parameters that it depends on. */
final class GraphTarget implements Target {
  /** More would bring more kinks into each step, and smaller slopes beside the same rounding. */
  private static final int MOST_EXAMPLES = 8;

  private final List<Node> outputs;
  private final Map<String, Node> parameters = new LinkedHashMap<>();
  private final List<Node> upstreams = new ArrayList<>();
  private final List<Node> gradients;
  private final Session forward;
  private final Session backward;

  /** Of outputs of one graph; the examples may be null if nothing is fed. */
  GraphTarget(List<Node> outputs, Examples examples) {
    this.outputs = outputs;
    Graph graph = outputs.get(0).graph();
    List<Node> reached = graph.reached(true, outputs.toArray(Node[]::new));
    reached.stream().filter(Node::isParameter).forEach(node -> parameters.put(node.name(), node));
    if (parameters.isEmpty()) {
      throw new IllegalArgumentException(outputs.get(0).name() + " depends on no parameter");
    }
    Node sum = null;
    for (Node output : outputs) {
      String name = "upstream gradient of " + output.name();
      Node upstream = graph.has(name) ? graph.node(name) : graph.input(name, output.shape());
      upstreams.add(upstream);
      Node part = Ops.dot(upstream, output);
      sum = sum == null ? part : Ops.add(sum, part);
    }
    gradients = graph.gradient(sum, parameters.values().toArray(Node[]::new));
    forward = graph.session(outputs.toArray(Node[]::new));
    backward = graph.session(outputs.get(0), gradients);
    if (examples != null) {
      feed(reached, examples.first(MOST_EXAMPLES));
    }
  }

  private void feed(List<Node> reached, Examples examples) {
    for (Session session : List.of(forward, backward)) {
      examples.bind(session);
      for (Node node : reached) {
        // what draws random numbers gets fixed ones
        if (node.isInput() && node.shape().kind() == Shape.Kind.INTS && !examples.has(node)) {
          int[] draws = new int[examples.count() * node.shape().columns()];
          Arrays.setAll(draws, i -> i * 0x9e3779b9);
          session.bind(node, draws);
        }
      }
    }
  }

  Map<String, Matrix> parameters() {
    Map<String, Matrix> values = new LinkedHashMap<>();
    parameters.forEach((name, node) -> values.put(name, node.value()));
    return values;
  }

  double[] values(Matrix matrix) {
    double[] values = new double[matrix.rows() * matrix.columns()];
    for (int i = 0; i < values.length; i++) {
      values[i] = matrix.get(i / matrix.columns(), i % matrix.columns());
    }
    return values;
  }

  @Override
  public double[] forward(double[][] inputs) {
    double[][] before = place(inputs);
    try {
      forward.run();
      return outputs.stream()
          .flatMapToDouble(output -> Arrays.stream(values(forward.value(output))))
          .toArray();
    } finally {
      place(before);
    }
  }

  @Override
  public double[][] backward(double[][] inputs, double[] up) {
    double[][] before = place(inputs);
    try {
      int at = 0;
      for (Node upstream : upstreams) {
        at = feed(upstream, up, at);
      }
      backward.run();
      double[][] found = new double[gradients.size()][];
      for (int v = 0; v < found.length; v++) {
        found[v] = values(backward.value(gradients.get(v)));
      }
      return found;
    } finally {
      place(before);
    }
  }

  /** Binds the next of the upstream gradients; returns where the one after it begins. */
  private int feed(Node upstream, double[] all, int from) {
    Matrix like = forward.value(outputs.get(upstreams.indexOf(upstream)));
    Matrix part = Matrix.zeros(like.rows(), like.columns());
    int size = like.rows() * like.columns();
    for (int i = 0; i < size; i++) {
      part.array()[i] = (float) all[from + i];
    }
    backward.bind(upstream, part);
    return from + size;
  }

  /** Puts values into the parameters; returns those that were there. */
  private double[][] place(double[][] inputs) {
    double[][] before = new double[inputs.length][];
    int v = 0;
    for (Node node : parameters.values()) {
      Matrix p = node.value();
      before[v] = values(p);
      for (int i = 0; i < inputs[v].length; i++) {
        p.set(i / p.columns(), i % p.columns(), (float) inputs[v][i]);
      }
      v++;
    }
    return before;
  }

  @Override
  public double unit() {
    return 0x1p-24;
  }

  @Override
  public List<String> notes() {
    return List.of();
  }
}
