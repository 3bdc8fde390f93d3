package org.lanegrad.graph;

import java.util.List;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;

/** A value of a {@link Graph}: an input, a parameter, a constant, or an output of an op. */
public final class Node {
  /** Where a value comes from. */
  enum Source {
    INPUT,
    PARAMETER,
    CONSTANT,
    NUMBER,
    OP
  }

  private final Graph graph;
  private final Source source;
  private final int index;
  private final Shape shape;
  private final Call call;
  private final int output;
  private final Matrix value;
  private String name;

  Node(
      Graph graph,
      Source source,
      int index,
      Shape shape,
      Call call,
      int output,
      Matrix value,
      String name) {
    this.graph = graph;
    this.source = source;
    this.index = index;
    this.shape = shape;
    this.call = call;
    this.output = output;
    this.value = value;
    this.name = name;
  }

  /** The graph that it belongs to. */
  public Graph graph() {
    return graph;
  }

  /** Its shape. */
  public Shape shape() {
    return shape;
  }

  /** Its name: the one that it was given, or that of its op with a number. */
  public String name() {
    return name;
  }

  /**
   * Gives it a name.
   *
   * @return this node
   * @throws IllegalArgumentException if another node has that name
   */
  public Node named(String newName) {
    Check.notNull("name", newName, "a String");
    graph.rename(this, newName);
    name = newName;
    return this;
  }

  /** The op whose output it is; null for inputs, parameters and constants. */
  public Op op() {
    return call == null ? null : call.op();
  }

  /** Whether it is fed to each run. */
  public boolean isInput() {
    return source == Source.INPUT;
  }

  /** Whether it is a parameter: a matrix of the caller's that training changes. */
  public boolean isParameter() {
    return source == Source.PARAMETER;
  }

  /** The nodes that its op reads; none for inputs, parameters and constants. */
  public List<Node> inputs() {
    return call == null ? List.of() : call.inputs();
  }

  /**
   * Another output of the same op.
   *
   * @throws IllegalArgumentException if the op has fewer outputs
   */
  public Node output(int number) {
    int count = call == null ? 1 : call.outputs().size();
    Check.index("number", number, "outputs of " + name, count);
    return call == null ? this : call.outputs().get(number);
  }

  /** The caller's matrix of a parameter or a constant, a number's copy; null for other nodes. */
  public Matrix value() {
    return source == Source.NUMBER ? Matrix.of(new float[] {value.get(0, 0)}, 1, 1) : value;
  }

  /** The same without a copy. */
  Matrix held() {
    return value;
  }

  Source source() {
    return source;
  }

  /** Its place in the order in which nodes were made, which is a topological one. */
  int index() {
    return index;
  }

  Call call() {
    return call;
  }

  /** Which output of its op it is. */
  int number() {
    return output;
  }

  /** Whether it is that number, whatever happens. */
  boolean isNumber(float number) {
    return source == Source.NUMBER && value.get(0, 0) == number;
  }

  /** Whether gradients can flow to it. */
  boolean hasGradient() {
    return shape.kind() == Shape.Kind.FLOATS;
  }

  @Override
  public String toString() {
    return name + ": " + shape;
  }
}
