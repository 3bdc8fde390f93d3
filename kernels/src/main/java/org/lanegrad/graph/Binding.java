package org.lanegrad.graph;

import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.graph.Node.Source;

/** What the caller gave for a node: a matrix or ints to read, or a matrix to write. */
final class Binding {
  private final Node node;
  private boolean allowsGaps = true;
  private Matrix matrix;
  private int[] ints;
  private boolean isDirect;
  private int slot = -1;

  Binding(Node node) {
    this.node = node;
    matrix = node.held();
  }

  Node node() {
    return node;
  }

  Matrix matrix() {
    return matrix;
  }

  int[] ints() {
    return ints;
  }

  boolean isEmpty() {
    return matrix == null && ints == null;
  }

  boolean isOutput() {
    return node.source() == Source.OP;
  }

  /** Whether ops work on the caller's own elements; otherwise they are copied. */
  boolean isDirect() {
    return isDirect;
  }

  /** An op wants the elements side by side. */
  void forbidGaps() {
    allowsGaps = false;
  }

  /** Takes a matrix; whether it is another one. */
  boolean bind(Matrix other) {
    Shape shape = node.shape();
    boolean fits =
        shape.kind() == Shape.Kind.FLOATS
            && other.columns() == shape.columns()
            && (shape.isBatch()
                ? shape.rows() > 0 && other.rows() % shape.rows() == 0
                : other.rows() == shape.rows());
    if (!fits) {
      throw new IllegalArgumentException(
          "the matrix for " + node.name() + " is " + other + ", expected " + shape);
    }
    if (isOutput() && other.isTransposed()) {
      throw new IllegalArgumentException(
          "the matrix for " + node.name() + " is transposed, expected rows as they are stored");
    }
    boolean isAnother = matrix != other;
    matrix = other;
    isDirect = worksDirectly();
    return isAnother;
  }

  /** Takes ints; whether they are others. */
  boolean bind(int[] others) {
    Shape shape = node.shape();
    int perExample = shape.rows() * shape.columns();
    boolean fits =
        shape.kind() == Shape.Kind.INTS
            && (shape.isBatch()
                ? perExample > 0 && others.length % perExample == 0
                : others.length == perExample);
    if (!fits) {
      throw new IllegalArgumentException(
          others.length + " ints are given for " + node.name() + ", expected " + shape);
    }
    boolean areOthers = ints != others;
    ints = others;
    return areOthers;
  }

  private boolean worksDirectly() {
    if (node.op() instanceof View) {
      return false;
    }
    if (Plan.fillsArray(node)) {
      int size = matrix.rows() * matrix.columns();
      return matrix.isContiguous() && matrix.offset() == 0 && matrix.array().length == size;
    }
    return matrix.isContiguous() || allowsGaps && !isOutput() && !matrix.isTransposed();
  }

  /** How many examples it holds, of a shape that is a batch. */
  int examples() {
    Shape shape = node.shape();
    int rows = matrix == null ? ints.length / shape.columns() : matrix.rows();
    return rows / shape.rows();
  }

  /** Puts it into a plan's values; what is copied instead keeps its place there. */
  void connect(Plan plan) {
    slot = plan.slot(node);
    if (slot < 0) {
      return;
    }
    if (ints != null) {
      plan.ints[slot] = ints;
    } else if (isDirect) {
      plan.matrices[slot] = matrix;
    }
  }

  /** Copies an input that ops can't read as it is. */
  void copyIn(Plan plan) {
    if (slot >= 0 && matrix != null && !isDirect && !isOutput()) {
      copy(matrix, plan.matrices[slot]);
    }
  }

  /** Copies an output that ops couldn't write as it is. */
  void copyOut(Plan plan) {
    if (slot >= 0 && !isDirect && isOutput()) {
      copy(plan.matrices[slot], matrix);
    }
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

  /** Throws unless an output has as many rows as the batch gives it. */
  void checkRows(int batch) {
    int rows = node.shape().rowsAt(batch);
    if (matrix.rows() != rows) {
      // the name is put together only for a message: a run must not allocate
      Check.equal(
          "rows of the matrix for " + node.name(),
          matrix.rows(),
          "its rows in a batch of " + batch,
          rows);
    }
  }

  /** Throws if this output shares elements with another binding. */
  void checkSeparate(Binding other) {
    if (other != this && other.matrix != null && matrix.overlaps(other.matrix)) {
      Check.separate("the matrix for " + node.name(), "that for " + other.node.name(), true);
    }
  }
}
