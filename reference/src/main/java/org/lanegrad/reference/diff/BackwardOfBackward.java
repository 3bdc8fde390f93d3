package org.lanegrad.reference.diff;

import java.util.List;
import org.lanegrad.reference.graph.Recorded;
import org.lanegrad.reference.graph.Tape;

/** Second-order products, by a backward pass through a backward pass. */
public final class BackwardOfBackward {
  private BackwardOfBackward() {}

  /** ∇L(x). */
  public static double[] gradient(Loss loss, double[] x) {
    Tape tape = new Tape();
    List<Recorded> variables = tape.variables(x);
    return reals(tape.gradient(loss.value(variables), variables));
  }

  /** H·v, the gradient of ⟨∇L, v⟩: the Hessian itself is never formed. */
  public static double[] hessianVector(Loss loss, double[] x, double[] v) {
    Tape tape = new Tape();
    List<Recorded> variables = tape.variables(x);
    List<Recorded> gradient = tape.gradient(loss.value(variables), variables);
    Recorded sum = tape.getZero();
    for (int i = 0; i < v.length; i++) {
      sum = sum.add(gradient.get(i).multiply(v[i]));
    }
    return reals(tape.gradient(sum, variables));
  }

  /** ‖∇L‖², a gradient penalty. */
  public static double penalty(Loss loss, double[] x) {
    double sum = 0;
    for (double slope : gradient(loss, x)) {
      sum += slope * slope;
    }
    return sum;
  }

  /** The gradient of ‖∇L‖², which is 2·H·∇L. */
  public static double[] penaltyGradient(Loss loss, double[] x) {
    Tape tape = new Tape();
    List<Recorded> variables = tape.variables(x);
    Recorded sum = tape.getZero();
    for (Recorded slope : tape.gradient(loss.value(variables), variables)) {
      sum = sum.add(slope.multiply(slope));
    }
    return reals(tape.gradient(sum, variables));
  }

  private static double[] reals(List<Recorded> numbers) {
    return numbers.stream().mapToDouble(Recorded::getReal).toArray();
  }
}
