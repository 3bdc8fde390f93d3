package org.lanegrad.optimizer;

import org.lanegrad.check.Check;

/** η as a function of the step t = 0, 1, 2, …. */
@FunctionalInterface
public interface LearningRate {
  /** η at step t, 0 or more. */
  float at(int step);

  /** η(t) = rate. */
  static LearningRate constant(float rate) {
    Check.positive("rate", rate);
    return step -> rate;
  }

  /** η(t) = rate · factor^⌊t / every⌋. */
  static LearningRate stepwise(float rate, float factor, int every) {
    Check.positive("rate", rate);
    Check.positive("factor", factor);
    steps("every", every);
    return step -> (float) (rate * Math.pow(factor, Math.floorDiv(step, every)));
  }

  /** η(t) = rate · e^(−decay·t). */
  static LearningRate exponential(float rate, float decay) {
    Check.positive("rate", rate);
    Check.atLeastZero("decay", decay);
    return step -> (float) (rate * Math.exp(-(double) decay * step));
  }

  /**
   * η(t) = least + ½·(rate − least)·(1 + cos(π·t / steps)), least from step {@code steps} on. (I.
   * Loshchilov, F. Hutter, SGDR, 2016.)
   */
  static LearningRate cosine(float rate, float least, int steps) {
    Check.positive("rate", rate);
    Check.atLeastZero("least", least);
    steps("steps", steps);
    return step -> {
      double turn = Math.cos(Math.PI * Math.min(step, steps) / steps);
      return (float) (least + 0.5 * ((double) rate - least) * (1 + turn));
    };
  }

  /**
   * η(t) = (t + 1) / steps of this schedule's first rate for the first {@code steps}, then this
   * schedule from its beginning. (P. Goyal et al., Accurate, Large Minibatch SGD, 2017.)
   */
  default LearningRate warmedUp(int steps) {
    steps("steps", steps);
    return step -> step < steps ? (float) (at(0) * (step + 1.0) / steps) : at(step - steps);
  }

  private static void steps(String name, int count) {
    if (count < 1) {
      throw new IllegalArgumentException(name + " is " + count + ", expected 1 or more");
    }
  }
}
