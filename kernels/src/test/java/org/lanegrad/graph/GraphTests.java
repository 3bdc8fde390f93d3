package org.lanegrad.graph;

import java.util.List;
import java.util.Random;
import org.lanegrad.Matrix;

/** What the tests of this package share. */
final class GraphTests {
  private GraphTests() {}

  static float[] valuesOf(Session session, Node node) {
    Matrix value = session.value(node);
    float[] elements = new float[value.rows() * value.columns()];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = value.get(i / value.columns(), i % value.columns());
    }
    return elements;
  }

  static float[] random(int length, long seed) {
    Random random = new Random(seed);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return values;
  }

  /** An op that fails when it runs. */
  record Refusing() implements Op {
    @Override
    public String name() {
      return "refusing";
    }

    @Override
    public List<Shape> shapes(List<Shape> inputs) {
      return inputs;
    }

    @Override
    public void run(Operands in, Operands out, Scratch scratch) {
      throw new IllegalStateException("must not run");
    }
  }
}
