package org.lanegrad.graph;

import java.util.List;
import java.util.Map;
import org.lanegrad.Matrix;
import org.lanegrad.elementwise.Dropout;

/**
 * {@link Dropout} of a row of numbers for each example, each with its draw. It is linear in x, and
 * so it is its own backward pass.
 *
 * @param rate how often an element is dropped
 * @param layer tells apart layers that read the same draws
 */
record DropoutOp(float rate, int layer) implements Op {
  DropoutOp {
    Dropout.checkRate(rate);
  }

  @Override
  public String name() {
    return "dropout";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("rate", rate);
  }

  @Override
  public List<Shape> shapes(List<Shape> inputs) {
    Shapes.count(inputs, 2);
    Shape x = Shapes.floats(inputs, 0);
    if (!x.isBatch()) {
      throw new IllegalArgumentException("input 0 is " + x + ", expected a row for each example");
    }
    Shapes.expect(inputs, 1, Shape.batch(1).as(Shape.Kind.INTS), "a draw for each example");
    return List.of(x);
  }

  @Override
  public void run(Operands in, Operands out, Scratch scratch) {
    Matrix x = in.matrix(0);
    Matrix y = out.matrix(0);
    int[] draws = in.ints(1);
    int size = draws.length == 0 ? 0 : x.rows() / draws.length * x.columns();
    for (int i = 0; i < draws.length; i++) {
      int at = i * size;
      Dropout.apply(
          rate, draws[i] ^ layer, x.array(), x.offset() + at, y.array(), y.offset() + at, size);
    }
  }

  @Override
  public void gradient(Gradient g) {
    g.add(0, () -> g.upstream().graph().apply(this, g.upstream(), g.input(1)));
  }

  @Override
  public int inPlace() {
    return 0;
  }

  @Override
  public boolean isTrainingOnly() {
    return true;
  }

  @Override
  public double flops(List<Shape> inputs, List<Shape> outputs, int batch) {
    return 12.0 * outputs.get(0).sizeAt(batch);
  }
}
