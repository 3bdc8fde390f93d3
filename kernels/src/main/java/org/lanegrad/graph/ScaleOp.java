package org.lanegrad.graph;

import static org.lanegrad.graph.Ops.sum;

import java.util.List;
import org.lanegrad.Matrix;
import org.lanegrad.elementwise.Affine;

/** y = s·x for a number s that is a node; dx = s·dy, ds = Σ dy·x. */
record ScaleOp() implements Op {
  @Override
  public String name() {
    return "scale";
  }

  @Override
  public List<Shape> shapes(List<Shape> inputs) {
    Shapes.count(inputs, 2);
    Shapes.expect(inputs, 1, Shape.number(), "a number");
    return List.of(Shapes.floats(inputs, 0));
  }

  @Override
  public void run(Operands in, Operands out, Scratch scratch) {
    multiply(in.number(1), in.matrix(0), out.matrix(0));
  }

  static void multiply(float factor, Matrix x, Matrix y) {
    Affine.forward(
        factor, -0f, x.array(), x.offset(), y.array(), y.offset(), x.rows() * x.columns());
  }

  @Override
  public void gradient(Gradient g) {
    g.add(0, () -> Ops.scaled(g.input(1), g.upstream()));
    g.add(1, () -> sum(Ops.multiply(g.upstream(), g.input(0)), Over.ALL));
  }

  @Override
  public int inPlace() {
    return 0;
  }
}
