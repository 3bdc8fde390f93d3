package org.lanegrad.optimizer;

import org.lanegrad.check.Check;

/** What all optimizers ask of their arrays. */
final class Steps {
  private Steps() {}

  /** Throws unless an array of a step over all elements is as long as the parameters. */
  static void whole(float[] parameters, String name, float[] array) {
    Check.notNull("parameters", parameters, "a float[]");
    Check.notNull(name, array, "a float[]");
    if (array.length != parameters.length) {
      Check.equal(name + ".length", array.length, "parameters.length", parameters.length);
    }
  }

  /** Throws if two of the arrays are the same one. */
  static void separate(float[] parameters, float[] gradient, float[] state) {
    Check.separate("parameters", "the gradient", parameters == gradient);
    Check.separate("parameters", "its state", parameters == state);
    Check.separate("its state", "the gradient", state == gradient);
  }

  /** The same with two arrays of state. */
  static void separate(float[] parameters, float[] gradient, float[] mean, float[] squares) {
    separate(parameters, gradient, mean);
    separate(parameters, gradient, squares);
    Check.separate("its state", "its second state", mean == squares);
  }

  /** Throws unless a rate of decay lies in 0 … 1, 1 excluded. */
  static void decay(String name, float value) {
    if (!(value >= 0f && value < 1f)) {
      throw new IllegalArgumentException(
          name + " is " + value + ", expected 0 or more and below 1");
    }
  }
}
