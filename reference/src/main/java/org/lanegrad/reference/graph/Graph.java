package org.lanegrad.reference.graph;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lanegrad.reference.diff.Evaluate;
import org.lanegrad.reference.diff.Vjp;
import org.lanegrad.reference.gate.Gate;
import org.lanegrad.reference.op.Elementwise;
import org.lanegrad.reference.op.Op;
import org.lanegrad.reference.op.Variable;

/**
 * A computational graph: named nodes, each an input or an op applied to other nodes.
 *
 * <p>Forward, each node's value is computed once, after its inputs'. Backward, in the opposite
 * order, each node takes the upstream gradient that its readers have left, and leaves with each of
 * its inputs
 *
 * <pre>   downstream gradient = (local Jacobian)ᵀ · upstream gradient,</pre>
 *
 * which is added to what is there: where a value fans out, its gradients sum.
 *
 * <pre>{@code
 * Graph graph = new Graph();
 * graph.input("x").input("y").input("z");
 * graph.node("q", Binary.ADD, "x", "y");
 * graph.node("f", Binary.MULTIPLY, "q", "z");
 * graph.feed("x", -2).feed("y", 5).feed("z", -4);
 * graph.forward();                  // f = (x + y)·z = −12
 * graph.backward("f");              // ∂f/∂x = −4, ∂f/∂y = −4, ∂f/∂z = 3
 * }</pre>
 *
 * <p>Nodes may be named in any order. Values are matrices, flattened row by row; a number is 1 × 1.
 */
public final class Graph {
  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private List<Node> order;
  private long edgesUsed;

  /** An input that is a number. */
  public Graph input(String name) {
    return input(name, 1, 1);
  }

  /** An input, to be fed before each forward pass that should see a new value. */
  public Graph input(String name, int rows, int columns) {
    return add(new Node(name, null, null, new Variable(name, rows, columns), List.of()));
  }

  /** An input that is fed once and for all. */
  public Graph constant(String name, double value) {
    return input(name).feed(name, value);
  }

  /** A gate, element by element of inputs that share one shape. */
  public Graph node(String name, Gate gate, String... inputs) {
    require(
        gate.arity() == inputs.length,
        name,
        gate + " takes " + gate.arity() + " inputs",
        List.of(inputs));
    return add(new Node(name, gate, null, null, List.of(inputs)));
  }

  /** An op; its inputs' shapes must be those of the op's variables. */
  public Graph node(String name, Op op, String... inputs) {
    int arity = op.variables().size();
    require(arity == inputs.length, name, op + " takes " + arity + " inputs", List.of(inputs));
    return add(new Node(name, null, op, op.output(), List.of(inputs)));
  }

  /** Gives an input its value, row by row. */
  public Graph feed(String name, double... value) {
    Node node = named(name);
    if (!node.isInput()) {
      throw new IllegalArgumentException(name + " is computed, only an input can be fed");
    }
    if (value.length != node.shape.size()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d values are fed for %s, expected %s",
              value.length,
              name,
              node.shape));
    }
    node.value = value.clone();
    return this;
  }

  /** Computes each node once. */
  public void forward() {
    for (Node node : order()) {
      if (!node.isInput()) {
        node.value = Evaluate.of(node.op, inputsOf(node));
      } else if (node.value == null) {
        throw new IllegalStateException("a value must be fed for " + node.name);
      }
    }
  }

  /** Computes the gradient of a number with respect to each node, after {@link #forward}. */
  public void backward(String output) {
    if (value(output).length != 1) {
      throw new IllegalArgumentException(
          output + " is " + named(output).shape + ", not a number: an upstream gradient is needed");
    }
    backward(output, 1);
  }

  /** Lets an upstream gradient flow back from a node to all others, after {@link #forward}. */
  public void backward(String output, double... upstream) {
    if (value(output).length != upstream.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d values are given for the gradient of %s, expected %s",
              upstream.length,
              output,
              named(output).shape));
    }
    edgesUsed = 0;
    for (Node node : order()) {
      node.gradient = new double[node.shape.size()];
    }
    named(output).gradient = upstream.clone();
    for (int n = order.size() - 1; n >= 0; n--) {
      Node node = order.get(n);
      for (int i = 0; i < node.inputs.size(); i++) {
        double[] downstream = Vjp.of(node.op, i, inputsOf(node), node.gradient);
        double[] sum = named(node.inputs.get(i)).gradient;
        Arrays.setAll(sum, e -> sum[e] + downstream[e]);
        edgesUsed++;
      }
    }
  }

  /** The value of a node, after {@link #forward}. */
  public double[] value(String name) {
    return computed(name, named(name).value, "forward").clone();
  }

  /** The value of a node that is a number. */
  public double number(String name) {
    return value(name)[0];
  }

  /** The gradient of the output with respect to a node, in the node's shape. */
  public double[] gradient(String name) {
    return computed(name, named(name).gradient, "backward").clone();
  }

  /** How many edges the last backward pass went along. */
  public long edgesUsed() {
    return edgesUsed;
  }

  /** The names of a node's inputs. */
  public List<String> inputsOf(String name) {
    return named(name).inputs;
  }

  /** ∂(node)/∂(its i-th input) for numbers: the weight of one edge, after {@link #forward}. */
  public double edge(String name, int i) {
    Node node = named(name);
    return node.op.jacobian(i, inputsOf(node)).getEntry(0, 0);
  }

  private Graph add(Node node) {
    if (nodes.putIfAbsent(node.name, node) != null) {
      throw new IllegalArgumentException("there is a node " + node.name + " already");
    }
    order = null;
    return this;
  }

  private Node named(String name) {
    Node node = nodes.get(name);
    if (node == null) {
      throw new IllegalArgumentException("no node " + name + ", expected one of " + nodes.keySet());
    }
    return node;
  }

  private static double[] computed(String name, double[] values, String pass) {
    if (values == null) {
      throw new IllegalStateException(name + " has no value yet: " + pass + "() comes first");
    }
    return values;
  }

  private double[][] inputsOf(Node node) {
    return node.inputs.stream().map(name -> named(name).value).toArray(double[][]::new);
  }

  /** The nodes in topological order, with all shapes known and checked. */
  private List<Node> order() {
    if (order == null) {
      List<Node> sorted = TopologicalOrder.of(nodes);
      for (Node node : sorted) {
        if (node.gate != null) {
          Variable shape = named(node.inputs.get(0)).shape;
          node.shape = new Variable(node.name, shape.rows(), shape.columns());
          node.op = new Elementwise(node.gate, shape.rows(), shape.columns());
        }
        for (int i = 0; i < node.inputs.size(); i++) {
          Variable wanted = node.op.variables().get(i);
          Variable given = named(node.inputs.get(i)).shape;
          require(
              wanted.rows() == given.rows() && wanted.columns() == given.columns(),
              node.name,
              "input " + i + " must be " + wanted.rows() + " × " + wanted.columns(),
              given);
        }
      }
      order = sorted;
    }
    return order;
  }

  private static void require(boolean holds, String name, String rule, Object given) {
    if (!holds) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "node %s: %s, given %s", name, rule, given));
    }
  }
}
