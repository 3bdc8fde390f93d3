package org.lanegrad.graph;

import java.util.List;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;

/** The columns of all inputs, side by side; the gradient of each is its part of dy. */
record ConcatOp() implements Op {
  @Override
  public String name() {
    return "concat";
  }

  @Override
  public List<Shape> shapes(List<Shape> inputs) {
    if (inputs.isEmpty()) {
      throw new IllegalArgumentException("0 inputs, expected at least 1");
    }
    int columns = 0;
    for (int i = 0; i < inputs.size(); i++) {
      Shape x = Shapes.floats(inputs, i);
      Shapes.expect(inputs, i, inputs.get(0).withColumns(x.columns()), "the rows of input 0");
      columns = Check.length("columns", (long) columns + x.columns());
    }
    return List.of(inputs.get(0).withColumns(columns));
  }

  @Override
  public void run(Operands in, Operands out, Scratch scratch) {
    int column = 0;
    for (int i = 0; i < in.count(); i++) {
      Matrix x = in.matrix(i);
      CopyOp.into(x, out.matrix(0), column);
      column += x.columns();
    }
  }

  @Override
  public void gradient(Gradient g) {
    int column = 0;
    for (int i = 0; i < g.inputs().size(); i++) {
      int from = column;
      int count = g.input(i).shape().columns();
      g.add(i, () -> Ops.columns(g.upstream(), from, count));
      column += count;
    }
  }

  @Override
  public boolean takesViews(int input) {
    return true;
  }
}
