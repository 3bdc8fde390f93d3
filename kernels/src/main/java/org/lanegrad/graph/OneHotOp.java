package org.lanegrad.graph;

import java.util.List;
import org.lanegrad.Matrix;
import org.lanegrad.elementwise.Fill;

/** y_ij = 1 where j is the label of row i, else 0. */
record OneHotOp(int classes) implements Op {
  @Override
  public String name() {
    return "one-hot";
  }

  @Override
  public List<Shape> shapes(List<Shape> inputs) {
    Shapes.count(inputs, 1);
    Shape labels = inputs.get(0);
    if (labels.kind() != Shape.Kind.INTS || labels.columns() != 1) {
      throw new IllegalArgumentException("input 0 is " + labels + ", expected a label a row");
    }
    return List.of(labels.withColumns(classes).as(Shape.Kind.FLOATS));
  }

  @Override
  public void run(Operands in, Operands out, Scratch scratch) {
    Matrix y = out.matrix(0);
    int[] labels = in.ints(0);
    for (int i = 0; i < y.rows(); i++) {
      if (labels[i] < 0 || labels[i] >= classes) {
        throw new IllegalArgumentException(
            "labels[" + i + "] is " + labels[i] + ", expected 0 … " + (classes - 1));
      }
    }
    Fill.forward(0f, y.array(), y.offset(), y.rows() * classes);
    for (int i = 0; i < y.rows(); i++) {
      y.array()[y.index(i, labels[i])] = 1f;
    }
  }
}
