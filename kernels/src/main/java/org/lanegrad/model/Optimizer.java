package org.lanegrad.model;

import org.lanegrad.check.Check;
import org.lanegrad.optimizer.AdaGrad;
import org.lanegrad.optimizer.Adam;
import org.lanegrad.optimizer.Momentum;
import org.lanegrad.optimizer.RmsProp;
import org.lanegrad.optimizer.Sgd;

/** How a {@link Trainer} turns gradients into steps: one of the library's kernels and its state. */
public final class Optimizer {
  private final String description;
  private final int states;
  private final Kernel kernel;

  /** One step over a range of each array. */
  @FunctionalInterface
  public interface Kernel {
    /**
     * Updates parameters and state in place.
     *
     * @param rate η
     * @param step 1 for the first step
     * @param gradient read only
     * @param states what the steps before left, zeros at first
     */
    void step(
        float rate,
        int step,
        float[] gradient,
        float[][] states,
        float[] parameters,
        int from,
        int length);
  }

  private Optimizer(String description, int states, Kernel kernel) {
    this.description = description;
    this.states = states;
    this.kernel = kernel;
  }

  /**
   * An optimizer of your own.
   *
   * @param description its name and settings; a checkpoint of another is refused
   * @param states how many numbers it keeps for each parameter
   */
  public static Optimizer of(String description, int states, Kernel kernel) {
    Check.notNull("description", description, "a String");
    Check.size("states", states);
    Check.notNull("kernel", kernel, "a Kernel");
    return new Optimizer(description, states, kernel);
  }

  /** Gradient descent. */
  public static Optimizer sgd() {
    return new Optimizer(
        "Sgd", 0, (rate, t, g, s, p, from, length) -> Sgd.step(rate, g, from, p, from, length));
  }

  /** Gradient descent with momentum. */
  public static Optimizer of(Momentum momentum) {
    Check.notNull("momentum", momentum, "a Momentum");
    return new Optimizer(
        momentum.toString(),
        1,
        (rate, t, g, s, p, from, length) -> momentum.step(rate, g, s[0], p, from, length));
  }

  /** Adam or AdamW. */
  public static Optimizer of(Adam adam) {
    Check.notNull("adam", adam, "an Adam");
    return new Optimizer(
        adam.toString(),
        2,
        (rate, t, g, s, p, from, length) -> adam.step(rate, t, g, s[0], s[1], p, from, length));
  }

  /** RMSProp. */
  public static Optimizer of(RmsProp rmsProp) {
    Check.notNull("rmsProp", rmsProp, "an RmsProp");
    return new Optimizer(
        rmsProp.toString(),
        1,
        (rate, t, g, s, p, from, length) -> rmsProp.step(rate, g, s[0], p, from, length));
  }

  /** AdaGrad. */
  public static Optimizer of(AdaGrad adaGrad) {
    Check.notNull("adaGrad", adaGrad, "an AdaGrad");
    return new Optimizer(
        adaGrad.toString(),
        1,
        (rate, t, g, s, p, from, length) -> adaGrad.step(rate, g, s[0], p, from, length));
  }

  /** How many numbers it keeps for each parameter. */
  public int states() {
    return states;
  }

  Kernel kernel() {
    return kernel;
  }

  /** Its name and settings. */
  @Override
  public String toString() {
    return description;
  }
}
