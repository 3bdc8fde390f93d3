package org.lanegrad.graph;

import java.util.List;
import java.util.Map;
import org.lanegrad.Matrix;

/**
 * What a node does: shapes, forward pass, gradient. The library's ops are made of the same three,
 * and an op of your own is one class:
 *
 * <pre>{@code
 * record Cube() implements Op {
 *   public String name() { return "cube"; }
 *   public List<Shape> shapes(List<Shape> inputs) { return List.of(inputs.get(0)); }
 *   public void run(Operands in, Operands out, Scratch scratch) {
 *     Matrix x = in.matrix(0);
 *     Matrix y = out.matrix(0);                     // elements side by side, unless you say otherwise
 *     for (int i = 0; i < x.rows() * x.columns(); i++) {
 *       float v = x.array()[x.offset() + i];
 *       y.array()[y.offset() + i] = v * v * v;
 *     }
 *   }
 *   public void gradient(Gradient g) {
 *     g.add(0, () -> multiply(g.upstream(), scale(3f, square(g.input(0)))));
 *   }
 * }
 * Node y = graph.apply(new Cube(), x);
 * }</pre>
 *
 * <p>An op is immutable and holds no memory, so that any number of sessions may run it at once.
 * What a forward pass saves for its backward pass is one more output: if no node reads it, it is
 * not asked for.
 */
public interface Op {
  /** A short name, for printing and for messages. */
  String name();

  /**
   * What decides what it computes besides its inputs, by name, as an activation or an ε: for
   * writing it to a file. {@link org.lanegrad.model.OnnxFile} knows the library's own.
   */
  default Map<String, Object> settings() {
    return Map.of();
  }

  /**
   * The shapes of the outputs for those of the inputs.
   *
   * @throws IllegalArgumentException if the inputs don't fit: in one sentence that names the input,
   *     what was given and what was expected; the graph puts the op's name before it
   */
  List<Shape> shapes(List<Shape> inputs);

  /**
   * Computes the outputs from the inputs and allocates nothing. Outputs hold anything at first, and
   * none shares an element with an input, but for {@link #inPlace}.
   */
  void run(Operands in, Operands out, Scratch scratch);

  /**
   * Adds, to the graph, the nodes of the downstream gradients of a node of this op: for each input
   * that {@link Gradient#add} is called for, the sum over the outputs of (local Jacobian)ᵀ ·
   * upstream gradient.
   *
   * <p>An op without this method has no derivative, and a gradient through it is refused by name.
   */
  default void gradient(Gradient gradient) {
    throw gradient.none();
  }

  /** The input whose memory the first output may take over if nobody else reads it; −1 for none. */
  default int inPlace() {
    return -1;
  }

  /**
   * Whether an input may have gaps between its rows, as a range of columns has. Otherwise the graph
   * copies it first.
   */
  default boolean takesViews(int input) {
    return false;
  }

  /** Whether an output is left out if no node reads it; {@link #run} must ask for it then. */
  default boolean isOptional(int output) {
    return output > 0;
  }

  /** Whether an output has a {@code float[]} of exactly its size, as single rows always have. */
  default boolean fillsArray(int output) {
    return false;
  }

  /**
   * Whether it computes something from {@link Scratch#batch()}, which may differ from run to run
   * though its inputs stay.
   */
  default boolean readsBatch() {
    return false;
  }

  /**
   * Whether it is part of training alone, as dropout is: a frozen graph leaves it out, and its
   * first input stands for its output.
   */
  default boolean isTrainingOnly() {
    return false;
  }

  /**
   * The same op with some of its inputs built in, which never change and may be made ready once, as
   * weights are packed; null if there is nothing to gain. It reads the other inputs alone, in their
   * order, and computes the bits of the first output.
   *
   * @param fixed a matrix for each input that never changes, null for the others
   * @param halved whether weights may be rounded to bfloat16
   */
  default Op prepared(List<Matrix> fixed, boolean halved) {
    return null;
  }

  /** Floating-point operations of one forward pass; an operation an element of the first output. */
  default double flops(List<Shape> inputs, List<Shape> outputs, int batch) {
    return outputs.get(0).sizeAt(batch);
  }
}
