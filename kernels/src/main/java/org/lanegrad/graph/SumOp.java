package org.lanegrad.graph;

import static org.lanegrad.graph.Ops.broadcast;

import java.util.List;
import java.util.Map;
import org.lanegrad.Matrix;
import org.lanegrad.elementwise.BiasAdd;
import org.lanegrad.reduction.Reductions;

/** s = Σ x over rows, columns or all; dx = ds, broadcast. */
record SumOp(Over over) implements Op {
  @Override
  public String name() {
    return "sum";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("over", over);
  }

  @Override
  public List<Shape> shapes(List<Shape> inputs) {
    return List.of(over.of(Shapes.same(inputs, 1)));
  }

  @Override
  public void run(Operands in, Operands out, Scratch scratch) {
    Matrix x = in.matrix(0);
    int n = x.columns();
    switch (over) {
      case ROWS -> BiasAdd.backward(x, out.array(0));
      case COLUMNS -> {
        Matrix s = out.matrix(0);
        for (int i = 0; i < x.rows(); i++) {
          s.array()[s.index(i, 0)] = Reductions.sum(x.array(), x.index(i, 0), n);
        }
      }
      case ALL -> out.set(0, Reductions.sum(x.array(), x.offset(), x.rows() * n));
    }
  }

  @Override
  public void gradient(Gradient g) {
    g.add(0, () -> broadcast(g.upstream(), g.input(0).shape()));
  }

  @Override
  public boolean takesViews(int input) {
    return over != Over.ALL;
  }

  @Override
  public double flops(List<Shape> inputs, List<Shape> outputs, int batch) {
    return inputs.get(0).sizeAt(batch);
  }
}
