package org.lanegrad.graph;

import java.util.List;
import org.lanegrad.activation.PRelu;

/** y = x where x &gt; 0, else a_j·x with learned slopes: a row of them, or one. */
record PReluOp() implements Op {
  @Override
  public String name() {
    return "prelu";
  }

  @Override
  public List<Shape> shapes(List<Shape> inputs) {
    Shapes.count(inputs, 2);
    Shape x = Shapes.floats(inputs, 0);
    if (!inputs.get(1).isNumber()) {
      Shapes.expect(inputs, 1, x.row(), "a slope for each column, or one");
    }
    return List.of(x);
  }

  @Override
  public void run(Operands in, Operands out, Scratch scratch) {
    PRelu.forward(in.matrix(0), in.array(1), out.matrix(0));
  }

  @Override
  public void gradient(Gradient g) {
    Node dx = g.upstream().graph().apply(new Backward(), g.upstream(), g.input(0), g.input(1));
    g.add(0, () -> dx);
    g.add(1, () -> dx.output(1));
  }

  @Override
  public int inPlace() {
    return 0;
  }

  @Override
  public boolean takesViews(int input) {
    return input == 0;
  }

  /** (dX, da) from (dY, X, a). */
  record Backward() implements Op {
    @Override
    public String name() {
      return "prelu gradient";
    }

    @Override
    public List<Shape> shapes(List<Shape> inputs) {
      Shapes.count(inputs, 3);
      Shapes.expect(inputs, 1, Shapes.floats(inputs, 0), "as input 0");
      return List.of(inputs.get(0), inputs.get(2));
    }

    @Override
    public void run(Operands in, Operands out, Scratch scratch) {
      PRelu.backward(in.matrix(0), in.matrix(1), in.array(2), out.matrix(0), out.array(1));
    }

    @Override
    public boolean isOptional(int output) {
      return false;
    }

    @Override
    public boolean takesViews(int input) {
      return input < 2;
    }
  }
}
