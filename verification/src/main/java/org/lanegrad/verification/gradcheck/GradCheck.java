package org.lanegrad.verification.gradcheck;

import java.util.SplittableRandom;
import org.lanegrad.reference.diff.CentralDifference;

/**
 * Checks an analytic gradient against two-sided differences.
 *
 * <p>Three ways to use it: {@code new GradCheck()} with h = 1e-4, which suits double; {@link
 * #withStep} for another h; {@link #sampling} to look at some elements of each variable instead of
 * all of them. The error allowed at an element is {@code relative·max(|analytic|, |numeric|) +
 * absolute}.
 */
public final class GradCheck {
  private final double h;
  private final int perVariable;
  private final double relative;
  private final double absolute;

  /**
   * h = 1e-4, all elements, 1e-6 relative + 1e-7 absolute: the truncation error h²·s‴/6 of s‴ ≈ 60.
   */
  public GradCheck() {
    this(1e-4, Integer.MAX_VALUE, 1e-6, 1e-7);
  }

  private GradCheck(double h, int perVariable, double relative, double absolute) {
    this.h = h;
    this.perVariable = perVariable;
    this.relative = relative;
    this.absolute = absolute;
  }

  /** With another step; it must be a positive number. */
  public GradCheck withStep(double step) {
    if (!(step > 0) || Double.isInfinite(step)) {
      throw new IllegalArgumentException("step is " + step + ", expected a positive number");
    }
    return new GradCheck(step, perVariable, relative, absolute);
  }

  /** With another bound. */
  public GradCheck allowing(double relativeError, double absoluteError) {
    return new GradCheck(h, perVariable, relativeError, absoluteError);
  }

  /** Looking at so many elements of each variable at most, chosen by the seed of the check. */
  public GradCheck sampling(int elementsPerVariable) {
    if (elementsPerVariable < 1) {
      throw new IllegalArgumentException(
          "elementsPerVariable is " + elementsPerVariable + ", expected 1 or more");
    }
    return new GradCheck(h, elementsPerVariable, relative, absolute);
  }

  /**
   * Runs the check.
   *
   * @param name what is checked, for the report
   * @param function the function and its gradient
   * @param variables the variables' names
   * @param inputs where to check; restored afterwards
   * @param upstream the upstream gradient
   * @param kinks what counts where the function has no derivative
   * @param seed chooses the elements when sampling
   */
  public GradCheckReport check(
      String name,
      Differentiable function,
      String[] variables,
      double[][] inputs,
      double[] upstream,
      Kinks kinks,
      long seed) {
    double[][] gradients = function.backward(inputs, upstream);
    SplittableRandom random = new SplittableRandom(seed);
    GradCheckReport worst = new GradCheckReport(name, 0, "none", -1, 0, 0, 0, 0);
    int checked = 0;
    for (int v = 0; v < inputs.length; v++) {
      if (gradients[v] == null) {
        continue;
      }
      int size = inputs[v].length;
      for (int s = 0; s < Math.min(size, perVariable); s++) {
        int i = size <= perVariable ? s : random.nextInt(size);
        checked++;
        CentralDifference d = CentralDifference.of(function, inputs, upstream, v, i, h);
        double analytic = gradients[v][i];
        double error = kinks.error(analytic, d);
        double allowed = relative * Math.max(Math.abs(analytic), Math.abs(d.value())) + absolute;
        double ratio = Double.isNaN(error) ? Double.POSITIVE_INFINITY : error / allowed;
        if (worst.index() < 0 || ratio > worst.ratio()) {
          double shown = Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
          worst =
              new GradCheckReport(name, 0, variables[v], i, analytic, d.value(), shown, allowed);
        }
      }
    }
    return new GradCheckReport(
        name,
        checked,
        worst.variable(),
        worst.index(),
        worst.analytic(),
        worst.numeric(),
        worst.error(),
        worst.allowed());
  }
}
