package org.lanegrad.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.graph.Node.Source;

/**
 * A computational graph: nodes that are inputs, parameters and constants, and ops applied to other
 * nodes.
 *
 * <pre>{@code
 * Graph graph = new Graph();
 * Node x = graph.input("x", 1, 1);
 * Node y = graph.input("y", 1, 1);
 * Node z = graph.input("z", 1, 1);
 * Node f = multiply(add(x, y), z).named("f");
 * List<Node> gradients = graph.gradient(f, x, y, z);      // nodes as well
 * Session session = graph.session(f, gradients);
 * session.feed(x, -2).feed(y, 5).feed(z, -4).run();
 * session.number(f);                                      // −12
 * session.number(gradients.get(0));                       // −4
 * }</pre>
 *
 * <p><b>Gradients are nodes.</b> {@link #gradient} adds the nodes of the backward pass, in terms of
 * other ops: downstream gradient = (local Jacobian)ᵀ · upstream gradient, with no Jacobian formed,
 * summed where a value fans out. So one engine runs both passes, both can be printed and counted,
 * and the gradient of a gradient is one more call: the Hessian times v is the gradient of ⟨∇L, v⟩.
 *
 * <p>A node's inputs exist before it does, so the order in which nodes are made is a topological
 * one and a cycle cannot be written down. Not thread-safe while it is built; then any number of
 * sessions may run it.
 */
public final class Graph {
  private final List<Node> nodes = new ArrayList<>();
  private final List<Call> calls = new ArrayList<>();
  private final Map<String, Node> names = new LinkedHashMap<>();
  private final Map<String, Integer> numbers = new HashMap<>();
  private final Map<Float, Node> constants = new HashMap<>();

  /** An empty graph. */
  public Graph() {}

  /** Numbers that are fed to each run, a row of so many columns for each example of the batch. */
  public Node input(String name, int columns) {
    return input(name, Shape.batch(columns));
  }

  /** Numbers that are fed to each run, of a fixed size. */
  public Node input(String name, int rows, int columns) {
    return input(name, Shape.of(rows, columns));
  }

  /** Ints that are fed to each run, so many for each example: a label, or the words of a window. */
  public Node ints(String name, int columns) {
    return input(name, Shape.batch(columns).as(Shape.Kind.INTS));
  }

  /**
   * What is fed to each run, of any shape.
   *
   * @throws IllegalArgumentException if there is a node of that name
   */
  public Node input(String name, Shape shape) {
    return named(name, new Node(this, Source.INPUT, nodes.size(), shape, null, 0, null, name));
  }

  /**
   * A parameter: the caller's matrix, which a run reads as it is then, and an optimizer updates
   * between runs.
   */
  public Node parameter(String name, Matrix value) {
    return held(Source.PARAMETER, name, value);
  }

  /** The caller's matrix, through which no gradient flows. */
  public Node constant(String name, Matrix value) {
    return held(Source.CONSTANT, name, value);
  }

  /** A number. */
  public Node constant(float value) {
    Node known = constants.get(value);
    if (known == null) {
      Matrix number = Matrix.of(new float[] {value}, 1, 1);
      known = held(Source.NUMBER, unused(Float.toString(value)), number);
      constants.put(value, known);
    }
    return known;
  }

  private Node held(Source source, String name, Matrix value) {
    Check.notNull("the value of " + name, value, "a Matrix");
    Shape shape = Shape.of(value.rows(), value.columns());
    return named(name, new Node(this, source, nodes.size(), shape, null, 0, value, name));
  }

  private Node named(String name, Node node) {
    Check.notNull("name", name, "a String");
    rename(node, name);
    nodes.add(node);
    return node;
  }

  void rename(Node node, String name) {
    Node other = names.putIfAbsent(name, node);
    if (other != null && other != node) {
      throw new IllegalArgumentException("there is a node " + name + " already, " + other);
    }
    if (!name.equals(node.name())) {
      names.remove(node.name(), node);
    }
  }

  /** A name that no node has: the first free one of "add", "add 2", "add 3" … */
  private String unused(String stem) {
    String name;
    do {
      int number = numbers.merge(stem, 1, Integer::sum);
      name = number == 1 ? stem : stem + " " + number;
    } while (names.containsKey(name));
    return name;
  }

  /**
   * Applies an op.
   *
   * @return its first output; {@link Node#output} has the others
   * @throws IllegalArgumentException if the inputs don't fit, or belong to another graph
   */
  public Node apply(Op op, Node... inputs) {
    Check.notNull("op", op, "an Op");
    Node[] read = new Node[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      Check.notNull("input " + i + " of " + op.name(), inputs[i], "a Node");
      if (inputs[i].graph() != this) {
        throw new IllegalArgumentException(
            op.name() + ": input " + i + ", " + inputs[i] + ", is of another graph");
      }
      read[i] = !op.takesViews(i) && isPartOfAnArray(inputs[i]) ? Ops.copy(inputs[i]) : inputs[i];
    }
    Call call = Call.of(op, List.of(read));
    List<Shape> shapes;
    try {
      shapes = op.shapes(call.inputShapes());
      Shapes.computable(shapes);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          op.name()
              + "("
              + String.join(", ", call.inputs().stream().map(Node::name).toList())
              + "): "
              + e.getMessage(),
          e);
    }
    calls.add(call);
    for (int k = 0; k < shapes.size(); k++) {
      String name = unused(k == 0 ? op.name() : op.name() + " output " + (k + 1));
      Node node = new Node(this, Source.OP, nodes.size(), shapes.get(k), call, k, null, name);
      call.outputs().add(named(name, node));
    }
    return call.outputs().get(0);
  }

  /** Whether it is a view with gaps, or a row that does not fill its array. */
  private static boolean isPartOfAnArray(Node node) {
    return node.op() instanceof ColumnRangeOp || node.op() instanceof View && node.shape().isRow();
  }

  /** Takes the latest call back, if it is that one, with its nodes. */
  boolean removeLast(Call call) {
    if (calls.isEmpty()
        || calls.get(calls.size() - 1) != call
        || nodes.get(nodes.size() - 1).call() != call) {
      return false;
    }
    calls.remove(calls.size() - 1);
    for (Node output : call.outputs()) {
      names.remove(output.name());
      nodes.remove(nodes.size() - 1);
      numbers.merge(call.op().name(), -1, Integer::sum);
    }
    return true;
  }

  /**
   * ∂y/∂x for each x, as nodes: gradients of one number.
   *
   * <p>Where y doesn't depend on x it is zeros.
   *
   * @throws IllegalArgumentException if y is not one number, if an x has no gradient (ints), or if
   *     an op on the way has no derivative
   */
  public List<Node> gradient(Node y, Node... x) {
    checkNode("y", y);
    if (!y.shape().isNumber()) {
      throw new IllegalArgumentException(y + " is not a number: an upstream gradient is needed");
    }
    return gradient(y, constant(1f), List.of(x));
  }

  /**
   * (∂y/∂x)ᵀ · upstream for each x, as nodes: vector-Jacobian products.
   *
   * @throws IllegalArgumentException as above, and if the upstream gradient has not y's shape
   */
  public List<Node> gradient(Node y, Node upstream, List<Node> x) {
    checkNode("y", y);
    checkNode("upstream", upstream);
    if (!upstream.shape().equals(y.shape())) {
      throw new IllegalArgumentException(
          "the upstream gradient, " + upstream + ", does not have the shape of " + y);
    }
    Set<Node> targets = new LinkedHashSet<>();
    for (Node target : x) {
      checkNode("x", target);
      if (!target.hasGradient()) {
        throw new IllegalArgumentException(target + " has no gradient: it holds no real numbers");
      }
      targets.add(target);
    }
    int first = nodes.size();
    ReversePass pass = new ReversePass(this, targets);
    pass.run(Map.of(y, upstream));
    List<Node> gradients = new ArrayList<>();
    for (Node target : x) {
      Node sum = pass.sumOf(target);
      Node gradient = sum == null ? Ops.broadcast(constant(0f), target.shape()) : sum;
      // a node of its own, to be named and bound: what is passed on may be anybody's
      boolean isOwn = gradient.index() >= first && !gradients.contains(gradient);
      gradients.add(isOwn ? gradient : Ops.copy(gradient));
    }
    return List.copyOf(gradients);
  }

  private void checkNode(String name, Node node) {
    Check.notNull(name, node, "a Node");
    if (node.graph() != this) {
      throw new IllegalArgumentException(name + ", " + node + ", is of another graph");
    }
  }

  /**
   * The node of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Node node(String name) {
    Node node = names.get(name);
    if (node == null) {
      throw new IllegalArgumentException("no node " + name + ", expected one of " + names.keySet());
    }
    return node;
  }

  /** Whether there is a node of that name. */
  public boolean has(String name) {
    return names.containsKey(name);
  }

  /** The parameters by name, in the order in which they were made: to save and to load them. */
  public Map<String, Matrix> parameters() {
    Map<String, Matrix> parameters = new LinkedHashMap<>();
    nodes.stream()
        .filter(Node::isParameter)
        .forEach(node -> parameters.put(node.name(), node.value()));
    return Collections.unmodifiableMap(parameters);
  }

  /** All nodes, each after those that it reads. */
  public List<Node> nodes() {
    return List.copyOf(nodes);
  }

  /**
   * These nodes and all that they depend on, each after those that it reads.
   *
   * @param forTraining whether what is left out of a {@linkplain #frozen frozen} graph counts
   */
  public List<Node> reached(boolean forTraining, Node... from) {
    BitSet found = new BitSet();
    for (Node node : from) {
      checkNode("from", node);
      found.set(node.index());
    }
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Node node = nodes.get(i);
      if (found.get(i) && node.call() != null) {
        List<Node> read = forTraining ? node.inputs() : Freezer.reads(node.call());
        read.forEach(input -> found.set(input.index()));
      }
    }
    return nodes.stream().filter(node -> found.get(node.index())).toList();
  }

  /** A session that computes these nodes, and what they need: the graph cut back to its outputs. */
  public Session session(Node... outputs) {
    return new Session(this, List.of(outputs));
  }

  /** The same with one node before a list of others: a loss and its gradients. */
  public Session session(Node first, List<Node> others) {
    List<Node> outputs = new ArrayList<>(List.of(first));
    outputs.addAll(others);
    return new Session(this, outputs);
  }

  /**
   * A graph of its own that computes the same outputs, of the same names, from the parameters as
   * they are now: cut back to what the outputs need, what depends on no input computed once,
   * weights packed. It has no gradients; its bits are those of this graph.
   *
   * @param halved whether weights are rounded to bfloat16: half the memory, and the bits of the
   *     rounded weights
   * @throws IllegalArgumentException if there is no output, or one is of another graph
   */
  public Graph frozen(boolean halved, Node... outputs) {
    if (outputs.length == 0) {
      throw new IllegalArgumentException("there are 0 outputs, expected 1 or more");
    }
    for (Node output : outputs) {
      checkNode("output", output);
    }
    return new Freezer(this, halved, List.of(outputs)).run();
  }

  /** The floating-point operations of one run for these outputs. */
  public double flops(int batch, Node... outputs) {
    return needed(Arrays.asList(outputs)).stream()
        .mapToDouble(call -> call.op().flops(call.inputShapes(), call.outputShapes(), batch))
        .sum();
  }

  List<Call> calls() {
    return calls;
  }

  /** How many nodes there are. */
  int size() {
    return nodes.size();
  }

  /** The calls that some outputs need, in order. */
  List<Call> needed(List<Node> outputs) {
    return needed(outputs, Call::inputs);
  }

  /** The same, where calls may read less than all of their inputs. */
  List<Call> needed(List<Node> outputs, Function<Call, List<Node>> reads) {
    BitSet wanted = new BitSet();
    outputs.forEach(output -> wanted.set(output.index()));
    List<Call> needed = new ArrayList<>();
    for (int i = calls.size() - 1; i >= 0; i--) {
      Call call = calls.get(i);
      if (call.outputs().stream().anyMatch(output -> wanted.get(output.index()))) {
        reads.apply(call).forEach(input -> wanted.set(input.index()));
        needed.add(call);
      }
    }
    Collections.reverse(needed);
    return needed;
  }

  /** A line for each node: name, op, inputs, shape, and the work and the bytes for one example. */
  @Override
  public String toString() {
    return Drawing.text(nodes);
  }

  /** The graph in the language of Graphviz: {@code dot -Tsvg}. */
  public String toDot() {
    return Drawing.dot(nodes);
  }
}
