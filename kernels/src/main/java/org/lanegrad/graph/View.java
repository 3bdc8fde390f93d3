package org.lanegrad.graph;

import java.util.List;
import org.lanegrad.Matrix;

/** An op whose output is a view of its input: it computes nothing and has no memory of its own. */
interface View extends Op {
  /** The view, at the number of rows that the output has in this session. */
  Matrix of(Matrix source, int rows);

  @Override
  default void run(Operands in, Operands out, Scratch scratch) {
    throw new IllegalStateException(name() + " is a view and never runs");
  }

  @Override
  default double flops(List<Shape> inputs, List<Shape> outputs, int batch) {
    return 0;
  }
}
