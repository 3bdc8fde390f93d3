package org.lanegrad.graph;

import java.util.List;

/** What ops ask of the shapes of their inputs; messages name the input by its number. */
final class Shapes {
  private Shapes() {}

  /** Throws unless there are so many inputs. */
  static void count(List<Shape> inputs, int count) {
    if (inputs.size() != count) {
      throw new IllegalArgumentException(
          inputs.size() + (inputs.size() == 1 ? " input" : " inputs") + ", expected " + count);
    }
  }

  /** The shape that so many inputs of numbers share. */
  static Shape same(List<Shape> inputs, int count) {
    count(inputs, count);
    floats(inputs, 0);
    for (int i = 1; i < count; i++) {
      expect(inputs, i, inputs.get(0), "as input 0");
    }
    return inputs.get(0);
  }

  /** Throws unless an input holds numbers. */
  static Shape floats(List<Shape> inputs, int input) {
    Shape shape = inputs.get(input);
    if (shape.kind() != Shape.Kind.FLOATS) {
      throw new IllegalArgumentException("input " + input + " is " + shape + ", expected numbers");
    }
    return shape;
  }

  /** Throws unless an input has a shape. */
  static void expect(List<Shape> inputs, int input, Shape expected, String why) {
    if (!inputs.get(input).equals(expected)) {
      throw new IllegalArgumentException(
          "input " + input + " is " + inputs.get(input) + ", expected " + expected + ", " + why);
    }
  }

  /** Throws unless a session can hold all outputs. */
  static void computable(List<Shape> outputs) {
    for (int k = 0; k < outputs.size(); k++) {
      if (outputs.get(k).kind() == Shape.Kind.INTS) {
        throw new IllegalArgumentException(
            "output " + k + " is " + outputs.get(k) + ", expected numbers or bits");
      }
    }
  }
}
