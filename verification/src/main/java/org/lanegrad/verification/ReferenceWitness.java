package org.lanegrad.verification;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.lanegrad.reference.diff.Evaluate;
import org.lanegrad.reference.diff.Jvp;
import org.lanegrad.reference.diff.Vjp;
import org.lanegrad.reference.op.Op;
import org.lanegrad.reference.op.Variable;
import org.lanegrad.verification.CheckResult.Witness;
import org.lanegrad.verification.catalog.DifferentiableProblem;
import org.lanegrad.verification.catalog.Domain;
import org.lanegrad.verification.catalog.OpSpec;
import org.lanegrad.verification.catalog.Shape;
import org.lanegrad.verification.gradcheck.GradCheck;
import org.lanegrad.verification.gradcheck.GradCheckReport;

/**
 * Is the reference right? Its Jacobian against two-sided differences of its forward formula, and
 * against the same formula over dual numbers, both in double.
 */
final class ReferenceWitness {
  /** Elements of each variable that are differenced; the dual numbers cover all of them at once. */
  private static final int SAMPLED = 40;

  private final OpSpec spec;
  private final long seed;

  ReferenceWitness(OpSpec spec, long seed) {
    this.spec = spec;
    this.seed = seed;
  }

  CheckResult verify() {
    Tally tally = new Tally(spec.name(), Witness.REFERENCE, seed);
    SplittableRandom random = new SplittableRandom(seed + 2);
    for (Shape shape : spec.gradientShapes()) {
      DifferentiableProblem problem = (DifferentiableProblem) spec.at(shape);
      double[][] inputs = KernelRun.sample(problem, spec.domain(), random);
      Domain around = Domain.mixing(-2, 2);
      double[] upstream = around.sample(problem.reference().outputSize(), random);
      differences(tally, problem, shape, inputs, upstream);
      double[][] direction = KernelRun.sample(problem, around, random);
      dualNumbers(tally, problem.reference(), shape, inputs, upstream, direction);
    }
    return tally.result();
  }

  private void differences(
      Tally tally,
      DifferentiableProblem problem,
      Shape shape,
      double[][] inputs,
      double[] upstream) {
    if (Arrays.stream(inputs).anyMatch(input -> input.length == 0)) {
      return; // no slope to measure
    }
    Op op = problem.reference();
    GradCheck check =
        GradCheck.doubles(
                spec.name(),
                in -> Evaluate.of(op, in),
                (in, up) -> {
                  double[][] gradients = new double[in.length][];
                  Arrays.setAll(gradients, v -> Vjp.of(op, v, in, up));
                  return gradients;
                })
            .upstream(upstream)
            .elements(SAMPLED)
            .seed(seed);
    List<Variable> variables = op.variables();
    for (int v = 0; v < inputs.length; v++) {
      check.input(variables.get(v).name(), inputs[v]);
    }
    GradCheckReport report = check.check();
    tally.count(report.checked(), report.ratio());
    tally.require(report.passes(), "the reference's Jacobian", shape, report.toString());
  }

  /** ⟨upstream, J·v⟩ = ⟨Jᵀ·upstream, v⟩, the left side by dual numbers. */
  private static void dualNumbers(
      Tally tally, Op op, Shape shape, double[][] inputs, double[] upstream, double[][] direction) {
    double forward = dot(upstream, Jvp.of(op, inputs, direction));
    double reverse = 0;
    double size = 0;
    List<Variable> variables = op.variables();
    for (int v = 0; v < variables.size(); v++) {
      double[] gradient = Vjp.of(op, v, inputs, upstream);
      reverse += dot(gradient, direction[v]);
      size += dot(abs(gradient), abs(direction[v]));
    }
    tally.compare(
        "the reference's Jacobian against dual numbers",
        shape,
        new double[] {forward},
        new double[] {reverse},
        new double[] {1e-11 * size + 1e-13});
  }

  private static double[] abs(double[] values) {
    return Arrays.stream(values).map(Math::abs).toArray();
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
