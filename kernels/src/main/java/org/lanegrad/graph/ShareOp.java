package org.lanegrad.graph;

import java.util.List;
import java.util.Map;

/** y = x / n, n the number of elements of a shape, which may hold the batch: what makes means. */
record ShareOp(Shape counted) implements Op {
  @Override
  public String name() {
    return "share";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("counted", counted);
  }

  @Override
  public List<Shape> shapes(List<Shape> inputs) {
    return List.of(Shapes.same(inputs, 1));
  }

  @Override
  public void run(Operands in, Operands out, Scratch scratch) {
    float share = 1f / counted.sizeAt(scratch.batch());
    ScaleOp.multiply(share, in.matrix(0), out.matrix(0));
  }

  @Override
  public void gradient(Gradient g) {
    g.add(0, () -> g.upstream().graph().apply(this, g.upstream()));
  }

  @Override
  public int inPlace() {
    return 0;
  }

  @Override
  public boolean readsBatch() {
    return counted.isBatch();
  }
}
