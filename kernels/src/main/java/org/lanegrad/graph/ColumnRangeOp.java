package org.lanegrad.graph;

import java.util.List;
import java.util.Map;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.elementwise.Fill;

/** Some columns of x, as a view; dx is dy between zeros. */
record ColumnRangeOp(int from, int count) implements View {
  @Override
  public String name() {
    return "columns";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("from", from, "count", count);
  }

  @Override
  public List<Shape> shapes(List<Shape> inputs) {
    Shape x = Shapes.same(inputs, 1);
    Check.subrange("columns", from, count, x.columns());
    return List.of(x.withColumns(count));
  }

  @Override
  public Matrix of(Matrix source, int rows) {
    return source.columnRange(from, count);
  }

  @Override
  public void gradient(Gradient g) {
    int all = g.input(0).shape().columns();
    g.add(0, () -> g.upstream().graph().apply(new Padded(from, all), g.upstream()));
  }

  @Override
  public boolean takesViews(int input) {
    return true;
  }

  /** x from some column on, zeros elsewhere. */
  record Padded(int from, int columns) implements Op {
    @Override
    public String name() {
      return "padded";
    }

    @Override
    public List<Shape> shapes(List<Shape> inputs) {
      return List.of(Shapes.same(inputs, 1).withColumns(columns));
    }

    @Override
    public void run(Operands in, Operands out, Scratch scratch) {
      Matrix x = in.matrix(0);
      Matrix y = out.matrix(0);
      Fill.forward(0f, y.array(), y.offset(), y.rows() * columns);
      CopyOp.into(x, y, from);
    }

    @Override
    public void gradient(Gradient g) {
      g.add(0, () -> Ops.columns(g.upstream(), from, g.input(0).shape().columns()));
    }

    @Override
    public boolean takesViews(int input) {
      return true;
    }
  }
}
