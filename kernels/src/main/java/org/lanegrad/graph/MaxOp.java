package org.lanegrad.graph;

import java.util.List;
import java.util.Map;
import org.lanegrad.Matrix;
import org.lanegrad.elementwise.Fill;
import org.lanegrad.reduction.Reductions;

/** m = max x over columns or all; dx = dm at the first maximum, 0 elsewhere. */
record MaxOp(Over over) implements Op {
  @Override
  public String name() {
    return "max";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("over", over);
  }

  @Override
  public List<Shape> shapes(List<Shape> inputs) {
    Shape x = Shapes.same(inputs, 1);
    if (over == Over.ROWS) {
      throw new IllegalArgumentException("the maximum is over ROWS, expected COLUMNS or ALL");
    }
    if (x.columns() == 0) {
      throw new IllegalArgumentException("input 0 is " + x + ", expected a column at least");
    }
    return List.of(over.of(x));
  }

  @Override
  public void run(Operands in, Operands out, Scratch scratch) {
    Matrix x = in.matrix(0);
    Matrix m = out.matrix(0);
    int n = over == Over.ALL ? x.rows() * x.columns() : x.columns();
    for (int i = 0; i < m.rows(); i++) {
      m.array()[m.index(i, 0)] = Reductions.max(x.array(), x.index(i, 0), n);
    }
  }

  @Override
  public void gradient(Gradient g) {
    g.add(0, () -> g.upstream().graph().apply(new Backward(over), g.upstream(), g.input(0)));
  }

  @Override
  public double flops(List<Shape> inputs, List<Shape> outputs, int batch) {
    return inputs.get(0).sizeAt(batch);
  }

  /** dx from (dm, x). Where the maximum stands is constant almost everywhere. */
  record Backward(Over over) implements Op {
    @Override
    public String name() {
      return "max gradient";
    }

    @Override
    public List<Shape> shapes(List<Shape> inputs) {
      Shapes.count(inputs, 2);
      Shapes.expect(inputs, 0, over.of(inputs.get(1)), "as the maximum of input 1");
      return List.of(inputs.get(1));
    }

    @Override
    public void run(Operands in, Operands out, Scratch scratch) {
      Matrix dm = in.matrix(0);
      Matrix x = in.matrix(1);
      Matrix dx = out.matrix(0);
      int n = over == Over.ALL ? x.rows() * x.columns() : x.columns();
      for (int i = 0; i < dm.rows() && n > 0; i++) {
        int to = dx.index(i, 0);
        Fill.forward(0f, dx.array(), to, n);
        int first = Reductions.argmax(x.array(), x.index(i, 0), n);
        dx.array()[to + first] = dm.array()[dm.index(i, 0)];
      }
    }

    /** Of dm: what flows into the place of the maximum. */
    @Override
    public void gradient(Gradient g) {
      Node ones = Ops.broadcast(g.upstream().graph().constant(1f), g.input(0).shape());
      g.add(
          0,
          () -> {
            Node place = g.upstream().graph().apply(this, ones, g.input(1));
            return Ops.sum(Ops.multiply(g.upstream(), place), over);
          });
    }
  }
}
