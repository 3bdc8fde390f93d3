package org.lanegrad.graph;

import static org.lanegrad.graph.Ops.sum;

import java.util.List;
import org.lanegrad.Matrix;
import org.lanegrad.elementwise.Fill;

/** y_ij = x, x_j or x_i: a number, a row or a column repeated; dx = Σ dy over what was repeated. */
record BroadcastOp(Shape shape) implements Op {
  @Override
  public String name() {
    return "broadcast";
  }

  @Override
  public List<Shape> shapes(List<Shape> inputs) {
    Shapes.count(inputs, 1);
    Shape x = Shapes.floats(inputs, 0);
    if (!x.isNumber() && !x.equals(shape.row()) && !x.equals(shape.withColumns(1))) {
      throw new IllegalArgumentException(
          "input 0 is " + x + ", expected a number, a row or a column of " + shape);
    }
    return List.of(shape);
  }

  @Override
  public void run(Operands in, Operands out, Scratch scratch) {
    Matrix x = in.matrix(0);
    Matrix y = out.matrix(0);
    int n = y.columns();
    if (x.rows() == 1 && x.columns() == 1) {
      Fill.forward(in.number(0), y.array(), y.offset(), y.rows() * n);
      return;
    }
    boolean isRow = x.columns() == n && x.rows() == 1;
    for (int i = 0; i < y.rows(); i++) {
      if (isRow) {
        System.arraycopy(x.array(), x.offset(), y.array(), y.index(i, 0), n);
      } else {
        Fill.forward(x.array()[x.index(i, 0)], y.array(), y.index(i, 0), n);
      }
    }
  }

  @Override
  public void gradient(Gradient g) {
    Shape x = g.input(0).shape();
    Over over = x.isNumber() ? Over.ALL : x.equals(shape.row()) ? Over.ROWS : Over.COLUMNS;
    g.add(0, () -> sum(g.upstream(), over));
  }

  @Override
  public boolean takesViews(int input) {
    return true;
  }
}
