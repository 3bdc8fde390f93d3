package org.lanegrad.graph;

import static org.lanegrad.graph.Ops.mean;
import static org.lanegrad.graph.Ops.multiply;
import static org.lanegrad.graph.Ops.reciprocal;
import static org.lanegrad.graph.Ops.shift;
import static org.lanegrad.graph.Ops.sqrt;
import static org.lanegrad.graph.Ops.square;
import static org.lanegrad.graph.Ops.subtract;
import static org.lanegrad.graph.Ops.sum;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.lanegrad.normalization.RmsNorm;

/** Root mean square normalization of each row with γ; the second output has each row's s. */
record RmsNormOp(RmsNorm kernel) implements Op {
  @Override
  public String name() {
    return "rms norm";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("epsilon", kernel.epsilon());
  }

  @Override
  public List<Shape> shapes(List<Shape> inputs) {
    Shapes.count(inputs, 2);
    Shape x = Shapes.floats(inputs, 0);
    Shapes.expect(inputs, 1, x.row(), "γ, an element a column");
    return List.of(x, x.withColumns(1));
  }

  @Override
  public void run(Operands in, Operands out, Scratch scratch) {
    kernel.forward(in.matrix(0), in.array(1), out.matrix(0), out.array(1));
  }

  @Override
  public void gradient(Gradient g) {
    if (g.upstream(0) != null) {
      Node dx =
          g.upstream(0)
              .graph()
              .apply(new Backward(kernel), g.upstream(0), g.input(0), g.input(1), g.output(1));
      g.add(0, () -> dx);
      g.add(1, () -> dx.output(1));
    }
    if (g.upstream(1) != null) {
      g.through(Arrays.asList(null, scale(kernel, g.input(0))));
    }
  }

  /** s of each row, in gates. */
  private static Node scale(RmsNorm kernel, Node x) {
    return reciprocal(sqrt(shift(kernel.epsilon(), mean(square(x), Over.COLUMNS))));
  }

  @Override
  public boolean takesViews(int input) {
    return input == 0;
  }

  @Override
  public boolean fillsArray(int output) {
    return output == 1;
  }

  @Override
  public double flops(List<Shape> inputs, List<Shape> outputs, int batch) {
    return 5.0 * outputs.get(0).sizeAt(batch);
  }

  /** (dX, dγ) from (dY, X, γ, statistics). */
  record Backward(RmsNorm kernel) implements Op {
    @Override
    public String name() {
      return "rms norm gradient";
    }

    @Override
    public List<Shape> shapes(List<Shape> inputs) {
      Shapes.count(inputs, 4);
      Shape x = Shapes.floats(inputs, 0);
      Shapes.expect(inputs, 1, x, "as input 0");
      Shapes.expect(inputs, 2, x.row(), "γ, an element a column");
      Shapes.expect(inputs, 3, x.withColumns(1), "the statistics of the rows");
      return List.of(x, x.row());
    }

    @Override
    public void run(Operands in, Operands out, Scratch scratch) {
      kernel.backward(
          in.matrix(0), in.matrix(1), in.array(2), in.array(3), out.matrix(0), out.array(1));
    }

    /** Its formula in gates, from X: the statistics are no input of their own. */
    @Override
    public void gradient(Gradient g) {
      Node dy = g.input(0);
      Node x = g.input(1);
      Node s = scale(kernel, x);
      Node normal = multiply(x, s);
      Node up = multiply(dy, g.input(2));
      Node share = multiply(normal, mean(multiply(up, normal), Over.COLUMNS));
      g.through(List.of(multiply(subtract(up, share), s), sum(multiply(dy, normal), Over.ROWS)));
    }

    @Override
    public boolean takesViews(int input) {
      return input < 2;
    }

    @Override
    public double flops(List<Shape> inputs, List<Shape> outputs, int batch) {
      return 12.0 * outputs.get(0).sizeAt(batch);
    }
  }
}
