package org.lanegrad.graph;

import java.util.List;
import org.lanegrad.Matrix;

/** y = x, side by side in memory, whatever gaps x has. */
record CopyOp() implements Op {
  @Override
  public String name() {
    return "copy";
  }

  @Override
  public List<Shape> shapes(List<Shape> inputs) {
    return List.of(Shapes.same(inputs, 1));
  }

  @Override
  public void run(Operands in, Operands out, Scratch scratch) {
    into(in.matrix(0), out.matrix(0), 0);
  }

  /** Copies x into the columns of y from one on. */
  static void into(Matrix x, Matrix y, int column) {
    for (int i = 0; i < x.rows(); i++) {
      System.arraycopy(x.array(), x.index(i, 0), y.array(), y.index(i, column), x.columns());
    }
  }

  @Override
  public void gradient(Gradient g) {
    g.add(0, g::upstream);
  }

  @Override
  public boolean takesViews(int input) {
    return true;
  }
}
