package org.lanegrad.optimizer;

import org.lanegrad.check.Check;

/** What all optimizers ask of their arrays. */
final class Steps {
  private static final String[] ORDINALS = {"the gradient", "its state", "its second state"};

  private Steps() {}

  /** Throws if two of the arrays are the same one. */
  static void separate(float[] parameters, float[]... others) {
    for (int a = 0; a < others.length; a++) {
      Check.separate("parameters", ORDINALS[a], others[a] == parameters);
      for (int b = 0; b < a; b++) {
        Check.separate(ORDINALS[a], ORDINALS[b], others[a] == others[b]);
      }
    }
  }

  /** Throws unless a rate of decay lies in 0 … 1, 1 excluded. */
  static void decay(String name, float value) {
    if (!(value >= 0f && value < 1f)) {
      throw new IllegalArgumentException(
          name + " is " + value + ", expected 0 or more and below 1");
    }
  }
}
