package org.lanegrad.graph;

import java.util.List;
import org.lanegrad.Matrix;

/** The same elements in rows of another length, as a view; dx is dy in the old rows. */
record ReshapeOp(Shape shape) implements View {
  @Override
  public String name() {
    return "reshape";
  }

  @Override
  public List<Shape> shapes(List<Shape> inputs) {
    Shape x = Shapes.same(inputs, 1);
    boolean fits =
        shape.kind() == Shape.Kind.FLOATS
            && x.isBatch() == shape.isBatch()
            && (long) x.rows() * x.columns() == (long) shape.rows() * shape.columns();
    if (!fits) {
      throw new IllegalArgumentException(
          "input 0 is " + x + ", expected as many elements as " + shape);
    }
    return List.of(shape);
  }

  @Override
  public Matrix of(Matrix source, int rows) {
    return Matrix.of(source.array(), source.offset(), rows, shape.columns(), shape.columns());
  }

  @Override
  public void gradient(Gradient g) {
    g.add(0, () -> Ops.reshape(g.upstream(), g.input(0).shape()));
  }
}
