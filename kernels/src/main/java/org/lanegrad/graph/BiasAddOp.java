package org.lanegrad.graph;

import java.util.List;
import org.lanegrad.elementwise.BiasAdd;

/** Y = X + b, a row added to each row; dX = dY, db = Σ dY over the rows. */
record BiasAddOp() implements Op {
  @Override
  public String name() {
    return "bias add";
  }

  @Override
  public List<Shape> shapes(List<Shape> inputs) {
    Shapes.count(inputs, 2);
    Shape x = Shapes.floats(inputs, 0);
    Shapes.expect(inputs, 1, x.row(), "a row of input 0");
    return List.of(x);
  }

  @Override
  public void run(Operands in, Operands out, Scratch scratch) {
    BiasAdd.forward(in.matrix(0), in.array(1), out.matrix(0));
  }

  @Override
  public void gradient(Gradient g) {
    g.add(0, g::upstream);
    g.add(1, () -> Ops.sum(g.upstream(), Over.ROWS));
  }

  @Override
  public int inPlace() {
    return 0;
  }

  @Override
  public boolean takesViews(int input) {
    return input == 0;
  }
}
