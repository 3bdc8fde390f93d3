package org.lanegrad.verification;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.lanegrad.reference.op.Variable;
import org.lanegrad.verification.catalog.DifferentiableProblem;
import org.lanegrad.verification.catalog.Domain;
import org.lanegrad.verification.catalog.Problem;
import org.lanegrad.verification.catalog.Slice;

/** One forward pass of a kernel, and the backward pass after it, inside canary margins. */
final class KernelRun {
  private final Problem problem;
  private final int offset;
  private final Slice[] inputs;
  private final Slice output;
  private final List<String> broken = new ArrayList<>();

  KernelRun(Problem problem, double[][] values, int offset) {
    this.problem = problem;
    this.offset = offset;
    inputs = new Slice[values.length];
    Arrays.setAll(inputs, v -> Slice.of(values[v], offset + v));
    output = Slice.room(problem.reference().outputSize(), offset);
  }

  /** Random inputs for all variables, exact in fp32. */
  static double[][] sample(Problem problem, Domain domain, SplittableRandom random) {
    List<Variable> variables = problem.reference().variables();
    double[][] values = new double[variables.size()][];
    Arrays.setAll(values, v -> domain.sample(variables.get(v).size(), random));
    return values;
  }

  double[] forward() {
    problem.forward(inputs, output);
    return output.values();
  }

  /** The gradients by variable, null where there is none. */
  double[][] backward(double[] upstream) {
    DifferentiableProblem differentiable = (DifferentiableProblem) problem;
    int[] wanted = differentiable.gradientVariables();
    Slice up = Slice.of(upstream, offset + 1);
    Slice[] gradients = new Slice[wanted.length];
    Arrays.setAll(gradients, g -> Slice.room(inputs[wanted[g]].length(), offset + 3 + g));
    float[] before = up.array().clone();
    differentiable.backward(inputs, output, up, gradients);
    violations(gradients);
    if (!Arrays.equals(before, up.array())) {
      broken.add("the upstream gradient was written to");
    }
    double[][] byVariable = new double[inputs.length][];
    for (int g = 0; g < wanted.length; g++) {
      byVariable[wanted[g]] = gradients[g].values();
    }
    return byVariable;
  }

  private void violations(Slice[] written) {
    for (Slice slice : written) {
      if (!slice.marginsIntact()) {
        broken.add("an element outside a gradient's range was written");
      }
    }
  }

  /** What the runs so far did that they must not: empty if all is well. */
  List<String> violations(double[][] values) {
    for (int v = 0; v < inputs.length; v++) {
      String name = problem.reference().variables().get(v).name();
      if (!Arrays.equals(inputs[v].values(), values[v])) {
        broken.add("the input " + name + " was written to");
      }
      if (!inputs[v].marginsIntact()) {
        broken.add("an element outside the range of " + name + " was written");
      }
    }
    if (!output.marginsIntact()) {
      broken.add("an element outside the output's range was written");
    }
    return broken;
  }
}
