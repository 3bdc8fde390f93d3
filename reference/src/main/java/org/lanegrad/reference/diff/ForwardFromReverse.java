package org.lanegrad.reference.diff;

import java.util.ArrayList;
import java.util.List;
import org.lanegrad.reference.graph.Recorded;
import org.lanegrad.reference.graph.Tape;
import org.lanegrad.reference.op.Op;

/**
 * J·v from two reverse passes: g(u) = Jᵀu is linear in u, so the gradient of ⟨g(u), v⟩ with respect
 * to u is J·v, whatever u is. (J. Townsend, A New Trick for Calculating Jacobian Vector Products,
 * 2017.)
 */
public final class ForwardFromReverse {
  private ForwardFromReverse() {}

  /**
   * The derivative of the output along {@code direction}, which has one array for each variable.
   */
  public static double[] of(Op op, double[][] inputs, double[][] direction) {
    Tape tape = new Tape();
    List<Recorded> all = new ArrayList<>();
    List<List<Recorded>> variables = new ArrayList<>();
    for (double[] input : inputs) {
      variables.add(tape.variables(input));
      all.addAll(variables.get(variables.size() - 1));
    }
    List<Recorded> y = op.forward(variables);
    List<Recorded> upstream = tape.variables(new double[y.size()]);
    Recorded sum = dot(tape, y, upstream);
    List<Recorded> gradient = tape.gradient(sum, all);
    List<Recorded> along = new ArrayList<>();
    for (double[] part : direction) {
      for (double v : part) {
        along.add(tape.constant(v));
      }
    }
    List<Recorded> jv = tape.gradient(dot(tape, gradient, along), upstream);
    return jv.stream().mapToDouble(Recorded::getReal).toArray();
  }

  private static Recorded dot(Tape tape, List<Recorded> a, List<Recorded> b) {
    Recorded sum = tape.getZero();
    for (int i = 0; i < a.size(); i++) {
      sum = sum.add(a.get(i).multiply(b.get(i)));
    }
    return sum;
  }
}
