package org.lanegrad.graph;

import static org.lanegrad.graph.Ops.concat;
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
import org.lanegrad.normalization.LayerNorm;

/** Layer normalization of each row with γ and β; the second output has each row's μ and s. */
record LayerNormOp(LayerNorm kernel) implements Op {
  @Override
  public String name() {
    return "layer norm";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("epsilon", kernel.epsilon());
  }

  @Override
  public List<Shape> shapes(List<Shape> inputs) {
    Shapes.count(inputs, 3);
    Shape x = Shapes.floats(inputs, 0);
    Shapes.expect(inputs, 1, x.row(), "γ, an element a column");
    Shapes.expect(inputs, 2, x.row(), "β, an element a column");
    return List.of(x, x.withColumns(2));
  }

  @Override
  public void run(Operands in, Operands out, Scratch scratch) {
    kernel.forward(in.matrix(0), in.array(1), in.array(2), out.matrix(0), out.array(1));
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
      g.add(2, () -> dx.output(2));
    }
    if (g.upstream(1) != null) {
      Node x = g.input(0);
      Node mean = mean(x, Over.COLUMNS);
      g.through(Arrays.asList(null, concat(mean, scale(kernel, subtract(x, mean)))));
    }
  }

  /** s of each row, in gates. */
  private static Node scale(LayerNorm kernel, Node centred) {
    return reciprocal(sqrt(shift(kernel.epsilon(), mean(square(centred), Over.COLUMNS))));
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
    return 9.0 * outputs.get(0).sizeAt(batch);
  }

  /** (dX, dγ, dβ) from (dY, X, γ, statistics). */
  record Backward(LayerNorm kernel) implements Op {
    @Override
    public String name() {
      return "layer norm gradient";
    }

    @Override
    public List<Shape> shapes(List<Shape> inputs) {
      Shapes.count(inputs, 4);
      Shape x = Shapes.floats(inputs, 0);
      Shapes.expect(inputs, 1, x, "as input 0");
      Shapes.expect(inputs, 2, x.row(), "γ, an element a column");
      Shapes.expect(inputs, 3, x.withColumns(2), "the statistics of the rows");
      return List.of(x, x.row(), x.row());
    }

    @Override
    public void run(Operands in, Operands out, Scratch scratch) {
      kernel.backward(
          in.matrix(0),
          in.matrix(1),
          in.array(2),
          in.array(3),
          out.matrix(0),
          out.array(1),
          out.array(2));
    }

    /** Its formula in gates, from X: the statistics are no input of their own. */
    @Override
    public void gradient(Gradient g) {
      Node dy = g.input(0);
      Node x = g.input(1);
      Node centred = subtract(x, mean(x, Over.COLUMNS));
      Node s = scale(kernel, centred);
      Node normal = multiply(centred, s);
      Node up = multiply(dy, g.input(2));
      Node dx =
          multiply(
              subtract(
                  subtract(up, mean(up, Over.COLUMNS)),
                  multiply(normal, mean(multiply(up, normal), Over.COLUMNS))),
              s);
      g.through(List.of(dx, sum(multiply(dy, normal), Over.ROWS), sum(dy, Over.ROWS)));
    }

    @Override
    public boolean takesViews(int input) {
      return input < 2;
    }

    @Override
    public double flops(List<Shape> inputs, List<Shape> outputs, int batch) {
      return 15.0 * outputs.get(0).sizeAt(batch);
    }
  }
}
