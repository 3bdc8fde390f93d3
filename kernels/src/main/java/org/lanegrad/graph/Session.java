package org.lanegrad.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.graph.Node.Source;

/**
 * Runs a graph for some outputs: binds inputs, computes each node that the outputs need once, in
 * order, and holds all memory for it.
 *
 * <p>Inputs are the caller's matrices, bound once and read at each run; an output is read by {@link
 * #value}, or bound to a matrix of the caller's into which it is computed. The size of the batch is
 * that of the bound inputs. Values whose lives don't meet share memory.
 *
 * <p>A run allocates nothing if it has met the size of its batch before (the latest 64 are kept);
 * only a matrix that is bound anew and read through {@link Ops#columns} or {@link Ops#reshape}
 * costs a view for each.
 *
 * <p>A session belongs to one thread. Parameters are read as they are when it runs: no one may
 * write them meanwhile.
 */
public final class Session {
  /** Sizes of the batch whose plans are kept. */
  private static final int KEPT = 64;

  private final Graph graph;
  private final List<Node> outputs;
  private final List<Call> calls;
  private final Map<Node, Binding> byNode = new HashMap<>();

  /** The same in a list, which is gone through at each run. */
  private final List<Binding> bindings = new ArrayList<>();

  private final List<Plan> plans = new ArrayList<>();
  private final Arena arena = new Arena();
  private final Scratch scratch = new Scratch();
  private Plan plan;
  private boolean isChanged = true;

  Session(Graph graph, List<Node> outputs) {
    this.graph = graph;
    for (Node output : outputs) {
      Check.notNull("output", output, "a Node");
      if (output.graph() != graph) {
        throw new IllegalArgumentException("output " + output + " is of another graph");
      }
    }
    this.outputs = List.copyOf(outputs);
    calls = graph.needed(outputs);
    for (Call call : calls) {
      for (int i = 0; i < call.inputs().size(); i++) {
        Node root = Plan.root(call.inputs().get(i));
        if (root.source() != Source.OP && !call.op().takesViews(i)) {
          binding(root).forbidGaps();
        } else if (root.source() != Source.OP) {
          binding(root);
        }
      }
    }
    outputs.stream().filter(output -> output.source() != Source.OP).forEach(this::binding);
    bindings.stream().filter(b -> b.matrix() != null).forEach(b -> b.bind(b.matrix()));
  }

  private Binding binding(Node node) {
    Binding known = byNode.get(node);
    if (known == null) {
      known = new Binding(node);
      byNode.put(node, known);
      bindings.add(known);
    }
    return known;
  }

  /**
   * Binds an input to a matrix that runs read, or an output to one that they write.
   *
   * <p>A matrix with gaps between its rows, or a transposed view, is copied at each run where an op
   * needs its elements side by side.
   *
   * @return this session
   * @throws IllegalArgumentException if the node is neither, or the matrix has another shape or is
   *     the session's own memory
   */
  public Session bind(Node node, Matrix matrix) {
    checkNode(node);
    present("the matrix for ", node, matrix, "a Matrix");
    if (node.source() == Source.PARAMETER || node.source() == Source.CONSTANT) {
      throw new IllegalArgumentException(node + " is the caller's already");
    }
    if (node.source() != Source.INPUT && !outputs.contains(node)) {
      throw new IllegalArgumentException(
          node + " is neither an input nor an output of this session");
    }
    if (arena.owns(matrix.array())) {
      throw new IllegalArgumentException(
          "the matrix for "
              + node.name()
              + " is the session's own memory, expected the caller's: copy it first");
    }
    isChanged |= binding(node).bind(matrix);
    return this;
  }

  /**
   * Binds an input of ints, row by row.
   *
   * @return this session
   * @throws IllegalArgumentException if the node is no input of ints, or the length is wrong
   */
  public Session bind(Node node, int[] values) {
    checkInput(node);
    present("the ints for ", node, values, "an int[]");
    isChanged |= binding(node).bind(values);
    return this;
  }

  /**
   * Feeds an input a number, or the elements of a fixed or batched shape row by row; copies them.
   *
   * @return this session
   * @throws IllegalArgumentException if the node is no input of that size
   */
  public Session feed(Node node, float... values) {
    checkInput(node);
    present("the values for ", node, values, "a float[]");
    Shape shape = node.shape();
    int columns = shape.columns();
    int rows = columns == 0 ? 0 : values.length / columns;
    if (rows * columns != values.length || !shape.isBatch() && rows != shape.rows()) {
      throw new IllegalArgumentException(
          values.length + " values are fed for " + node.name() + ", expected " + shape);
    }
    return bind(node, Matrix.of(values.clone(), rows, columns));
  }

  private void checkNode(Node node) {
    Check.notNull("node", node, "a Node");
    if (node.graph() != graph) {
      throw new IllegalArgumentException(node + " is of another graph");
    }
  }

  private void checkInput(Node node) {
    checkNode(node);
    if (node.source() != Source.INPUT) {
      throw new IllegalArgumentException(node + " is no input, only an input can be fed");
    }
  }

  /** Puts the name together only if it is needed: to bind must not allocate. */
  private static void present(String what, Node node, Object argument, String expected) {
    if (argument == null) {
      Check.notNull(what + node.name(), null, expected);
    }
  }

  /**
   * Computes the outputs.
   *
   * @return this session
   * @throws IllegalStateException if an input has no value
   * @throws IllegalArgumentException if the inputs are of different batches, an output's matrix has
   *     another number of rows or overlaps something, or an op refuses its operands
   */
  public Session run() {
    if (isChanged) {
      prepare();
      isChanged = false;
    }
    for (int i = 0; i < bindings.size(); i++) {
      bindings.get(i).copyIn(plan);
    }
    Matrix[] values = plan.matrices;
    for (Plan.Step step : plan.steps) {
      try {
        step.run(values, scratch);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(step.node.name() + ": " + e.getMessage(), e);
      }
    }
    for (int i = 0; i < bindings.size(); i++) {
      bindings.get(i).copyOut(plan);
    }
    return this;
  }

  /**
   * An output as the latest run left it: a view of the session's memory, which the next run
   * overwrites.
   *
   * @throws IllegalArgumentException if the node is no output of this session, or no numbers
   * @throws IllegalStateException if nothing has run
   */
  public Matrix value(Node output) {
    Check.notNull("output", output, "a Node");
    if (!outputs.contains(output)) {
      throw new IllegalArgumentException(output + " is no output of this session");
    }
    if (!output.hasGradient()) {
      throw new IllegalArgumentException(output + " has no matrix: it holds no real numbers");
    }
    if (plan == null) {
      throw new IllegalStateException(output.name() + " has no value yet: run() comes first");
    }
    return plan.matrices[plan.slot(output)];
  }

  /**
   * An output that is one number.
   *
   * @throws IllegalArgumentException if it is not one number
   */
  public float number(Node output) {
    Matrix value = value(output);
    if (value.rows() != 1 || value.columns() != 1) {
      throw new IllegalArgumentException(output + " is not a number");
    }
    return value.get(0, 0);
  }

  /** The graph that it runs. */
  public Graph graph() {
    return graph;
  }

  /** The bytes of the values that the session owns, for the batch that it ran last. */
  public long bytes() {
    return plan == null ? 0 : plan.bytes();
  }

  /** Finds the plan for what is bound now, and connects the two. */
  private void prepare() {
    int batch = batch();
    for (int i = 0; i < bindings.size(); i++) {
      Binding output = bindings.get(i);
      if (output.isOutput()) {
        output.checkRows(batch);
        for (int j = 0; j < bindings.size(); j++) {
          output.checkSeparate(bindings.get(j));
        }
      }
    }
    plan = plan(batch);
    scratch.batch(batch);
    for (int i = 0; i < bindings.size(); i++) {
      bindings.get(i).connect(plan);
    }
  }

  private Plan plan(int batch) {
    for (int i = 0; i < plans.size(); i++) {
      if (plans.get(i).isFor(batch, bindings)) {
        return plans.get(i);
      }
    }
    Set<Node> bound = new HashSet<>();
    bindings.stream().filter(Binding::isDirect).forEach(b -> bound.add(b.node()));
    Plan made = new Plan(calls, outputs, bound, batch, arena);
    List<Plan> gone = new ArrayList<>(plans);
    gone.removeIf(old -> old.isIn(arena));
    if (gone.isEmpty() && plans.size() == KEPT) {
      gone.add(plans.get(0));
    }
    gone.forEach(old -> old.release(arena));
    plans.removeAll(gone);
    plans.add(made);
    return made;
  }

  /** That of all inputs that are bound, read or not: a gradient may need no more of one. */
  private int batch() {
    Binding first = null;
    for (int i = 0; i < bindings.size(); i++) {
      Binding binding = bindings.get(i);
      if (binding.isEmpty()) {
        throw new IllegalStateException("a value must be fed for " + binding.node().name());
      }
      if (binding.isOutput() || !binding.node().shape().isBatch()) {
        continue;
      }
      if (first != null && binding.examples() != first.examples()) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "%s has %d examples, but %s has %d",
                binding.node().name(),
                binding.examples(),
                first.node().name(),
                first.examples()));
      }
      first = first == null ? binding : first;
    }
    if (first == null && calls.stream().anyMatch(Session::needsBatch)) {
      String names =
          graph.nodes().stream()
              .filter(node -> node.source() == Source.INPUT && node.shape().isBatch())
              .map(Node::name)
              .collect(Collectors.joining(" or "));
      throw new IllegalStateException(
          "the size of the batch is not known: a value must be fed for " + names);
    }
    return first == null ? 1 : first.examples();
  }

  private static boolean needsBatch(Call call) {
    return call.outputs().stream().anyMatch(output -> output.shape().isBatch())
        || call.op().readsBatch();
  }
}
