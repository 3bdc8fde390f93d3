package org.lanegrad.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.graph.Node.Source;

/**
 * Runs a graph for some outputs: binds inputs, computes each node that the outputs need once, in
 * order, and holds all memory for it.
 *
 * <p>Inputs are the caller's matrices, bound once and read at each run; an output is read by {@link
 * #value}, or bound to a matrix of the caller's into which it is computed. The size of the batch is
 * that of the bound inputs. Values whose lives don't meet share memory. Once a size was met, a run
 * with it allocates nothing.
 *
 * <p>A session belongs to one thread. Parameters are read as they are when it runs: no one may
 * write them meanwhile.
 */
public final class Session {
  private final List<Node> outputs;
  private final List<Call> calls;
  private final Map<Node, Matrix> matrices = new LinkedHashMap<>();
  private final Map<Node, int[]> ints = new LinkedHashMap<>();
  private final List<Node> inputs = new ArrayList<>();
  private final List<Node> held = new ArrayList<>();
  private final Set<Node> withGaps = new HashSet<>();
  private final Map<Integer, Plan> plans = new HashMap<>();
  private final Scratch scratch = new Scratch();
  private float[] shared = new float[0];
  private Plan plan;
  private Plan boundPlan;
  private Matrix[] copiesFrom;
  private Matrix[] copiesTo;
  private int copiesIn;

  Session(Graph graph, List<Node> outputs) {
    for (Node output : outputs) {
      Check.notNull("output", output, "a Node");
      if (output.graph() != graph) {
        throw new IllegalArgumentException("output " + output + " is of another graph");
      }
    }
    this.outputs = List.copyOf(outputs);
    calls = graph.needed(outputs);
    Set<Node> seen = new HashSet<>();
    for (Call call : calls) {
      for (int i = 0; i < call.inputs().size(); i++) {
        Node input = call.inputs().get(i);
        read(input, seen);
        if (!call.op().takesViews(i)) {
          withGaps.remove(Plan.root(input));
        }
      }
    }
    outputs.forEach(output -> read(output, seen));
  }

  private void read(Node node, Set<Node> seen) {
    if (node.source() != Source.OP && seen.add(node)) {
      (node.source() == Source.INPUT ? inputs : held).add(node);
      withGaps.add(node);
    }
  }

  /**
   * Binds an input to a matrix that runs read, or an output to one that they write.
   *
   * <p>A matrix with gaps between its rows, or a transposed view, is copied at each run where an op
   * needs its elements side by side.
   *
   * @return this session
   * @throws IllegalArgumentException if the node is neither, or the matrix has another shape
   */
  public Session bind(Node node, Matrix matrix) {
    Check.notNull("node", node, "a Node");
    present("the matrix for ", node, matrix, "a Matrix");
    boolean isInput = node.source() == Source.INPUT;
    if (!isInput && !outputs.contains(node)) {
      throw new IllegalArgumentException(
          node + " is neither an input nor an output of this session");
    }
    if (!isInput && node.source() != Source.OP) {
      throw new IllegalArgumentException(node + " is the caller's already");
    }
    Shape shape = node.shape();
    boolean fits =
        shape.kind() == Shape.Kind.FLOATS
            && matrix.columns() == shape.columns()
            && (shape.isBatch()
                ? shape.rows() > 0 && matrix.rows() % shape.rows() == 0
                : matrix.rows() == shape.rows());
    if (!fits) {
      throw new IllegalArgumentException(
          "the matrix for " + node.name() + " is " + matrix + ", expected " + shape);
    }
    if (!isInput && matrix.isTransposed()) {
      throw new IllegalArgumentException(
          "the matrix for " + node.name() + " is transposed, expected rows as they are stored");
    }
    Matrix before = matrices.put(node, matrix);
    if (before == matrix) {
      return this;
    }
    boolean takesPlace =
        isInput
            && boundPlan != null
            && before != null
            && before.rows() == matrix.rows()
            && isDirect(node, before)
            && isDirect(node, matrix);
    if (takesPlace && boundPlan.slot(node) >= 0) {
      boundPlan.matrices[boundPlan.slot(node)] = matrix;
    } else {
      boundPlan = null;
    }
    return this;
  }

  /**
   * Binds an input of ints, row by row.
   *
   * @return this session
   * @throws IllegalArgumentException if the node is no input of ints, or the length is wrong
   */
  public Session bind(Node node, int[] values) {
    Check.notNull("node", node, "a Node");
    present("the ints for ", node, values, "an int[]");
    Shape shape = node.shape();
    int columns = shape.rows() * shape.columns();
    boolean fits =
        shape.kind() == Shape.Kind.INTS
            && (shape.isBatch()
                ? columns > 0 && values.length % columns == 0
                : values.length == columns);
    if (node.source() != Source.INPUT || !fits) {
      throw new IllegalArgumentException(
          values.length + " ints are given for " + node.name() + ", expected " + shape);
    }
    int[] before = ints.put(node, values);
    boolean takesPlace = boundPlan != null && before != null && before.length == values.length;
    if (takesPlace && boundPlan.slot(node) >= 0) {
      boundPlan.ints[boundPlan.slot(node)] = values;
    } else {
      boundPlan = null;
    }
    return this;
  }

  /**
   * Feeds an input a number, or the elements of a fixed or batched shape row by row; copies them.
   *
   * @return this session
   * @throws IllegalArgumentException if the node is no input of that size
   */
  public Session feed(Node node, float... values) {
    Check.notNull("node", node, "a Node");
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

  /**
   * Computes the outputs.
   *
   * @return this session
   * @throws IllegalStateException if an input has no value
   * @throws IllegalArgumentException if the inputs are of different batches, an output's matrix has
   *     another number of rows or overlaps something, or an op refuses its operands
   */
  public Session run() {
    if (boundPlan == null) {
      prepare();
    }
    for (int i = 0; i < copiesIn; i++) {
      copy(copiesFrom[i], copiesTo[i]);
    }
    Matrix[] values = plan.matrices;
    for (Plan.Step step : plan.steps) {
      if (step.op instanceof View view) {
        Matrix source = values[step.source];
        if (step.last != source) {
          step.last = source;
          values[step.target] = view.of(source, step.rows);
        }
      } else {
        step.op.run(step.in, step.out, scratch);
      }
    }
    for (int i = copiesIn; i < copiesFrom.length; i++) {
      copy(copiesFrom[i], copiesTo[i]);
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

  /** The bytes of the values that the session owns, for the batch that it ran last. */
  public long bytes() {
    return plan == null ? 0 : plan.bytes();
  }

  /** Puts the name together only if it is needed: to bind must not allocate. */
  private static void present(String what, Node node, Object argument, String expected) {
    if (argument == null) {
      Check.notNull(what + node.name(), null, expected);
    }
  }

  private void prepare() {
    int batch = batch();
    Set<Node> mine = new HashSet<>();
    for (Node node : matrices.keySet()) {
      if (isDirect(node, matrices.get(node))) {
        mine.add(node);
      }
    }
    for (Node node : held) {
      if (isDirect(node, node.value())) {
        mine.add(node);
      }
    }
    Plan next = plans.get(batch);
    if (next == null || !next.isFor(mine)) {
      next = new Plan(calls, outputs, mine, batch, this::room);
      plans.put(batch, next);
    }
    List<Matrix> from = new ArrayList<>();
    List<Matrix> to = new ArrayList<>();
    for (Node node : inputs) {
      if (node.shape().kind() == Shape.Kind.INTS) {
        next.ints[next.slot(node)] = ints.get(node);
      } else {
        take(node, matrices.get(node), mine, next, from, to);
      }
    }
    for (Node node : held) {
      take(node, node.value(), mine, next, from, to);
    }
    copiesIn = from.size();
    for (Node node : outputs) {
      Matrix matrix = matrices.get(node);
      if (node.source() != Source.OP || matrix == null) {
        continue;
      }
      Check.equal(
          "rows of the matrix for " + node.name(),
          matrix.rows(),
          "its rows in a batch of " + batch,
          node.shape().rowsAt(batch));
      checkSeparate(node, matrix);
      if (mine.contains(node)) {
        next.matrices[next.slot(node)] = matrix;
      } else {
        from.add(next.matrices[next.slot(node)]);
        to.add(matrix);
      }
    }
    copiesFrom = from.toArray(Matrix[]::new);
    copiesTo = to.toArray(Matrix[]::new);
    scratch.batch(batch);
    plan = next;
    boundPlan = next;
  }

  /**
   * One array for all sizes of the batch: that of the largest, and what was planned in a smaller
   * goes.
   */
  private float[] room(int length) {
    if (shared.length < length) {
      shared = new float[length];
      plans.clear();
    }
    return shared;
  }

  private static void take(
      Node node, Matrix matrix, Set<Node> mine, Plan next, List<Matrix> from, List<Matrix> to) {
    if (mine.contains(node)) {
      next.matrices[next.slot(node)] = matrix;
    } else {
      from.add(matrix);
      to.add(next.matrices[next.slot(node)]);
    }
  }

  /** Whether ops can work on the caller's own elements. */
  private boolean isDirect(Node node, Matrix matrix) {
    if (node.op() instanceof View) {
      return false;
    }
    if (Plan.hasArray(node)) {
      int size = matrix.rows() * matrix.columns();
      return matrix.isContiguous() && matrix.offset() == 0 && matrix.array().length == size;
    }
    boolean gapsAllowed = node.source() != Source.OP && withGaps.contains(node);
    return matrix.isContiguous() || gapsAllowed && !matrix.isTransposed();
  }

  private int batch() {
    int batch = -1;
    Node first = null;
    for (Node node : inputs) {
      Matrix matrix = matrices.get(node);
      int[] values = ints.get(node);
      if (matrix == null && values == null) {
        throw new IllegalStateException("a value must be fed for " + node.name());
      }
      Shape shape = node.shape();
      if (!shape.isBatch()) {
        continue;
      }
      int rows = matrix == null ? values.length / shape.columns() : matrix.rows();
      int examples = rows / shape.rows();
      if (first != null && examples != batch) {
        throw new IllegalArgumentException(
            node.name() + " has " + examples + " examples, but " + first.name() + " has " + batch);
      }
      batch = examples;
      first = node;
    }
    return first == null ? 1 : batch;
  }

  private void checkSeparate(Node output, Matrix matrix) {
    for (Node node : held) {
      Check.separate(output.name(), node.name(), matrix.overlaps(node.value()));
    }
    matrices.forEach(
        (node, other) ->
            Check.separate(
                "the matrix for " + output.name(),
                "that for " + node.name(),
                node != output && matrix.overlaps(other)));
  }

  private static void copy(Matrix from, Matrix to) {
    int n = from.columns();
    for (int i = 0; i < from.rows(); i++) {
      int at = from.index(i, 0);
      int out = to.index(i, 0);
      if (from.columnStep() == 1) {
        System.arraycopy(from.array(), at, to.array(), out, n);
        continue;
      }
      for (int j = 0; j < n; j++) {
        to.array()[out + j] = from.array()[at + j * from.columnStep()];
      }
    }
  }
}
