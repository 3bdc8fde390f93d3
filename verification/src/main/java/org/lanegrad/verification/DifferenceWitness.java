package org.lanegrad.verification;

import java.util.Locale;
import java.util.SplittableRandom;
import org.lanegrad.reference.diff.CentralDifference;
import org.lanegrad.reference.diff.Evaluate;
import org.lanegrad.reference.diff.Function;
import org.lanegrad.reference.op.Op;
import org.lanegrad.verification.CheckResult.Witness;
import org.lanegrad.verification.catalog.DifferentiableProblem;
import org.lanegrad.verification.catalog.Domain;
import org.lanegrad.verification.catalog.OpSpec;
import org.lanegrad.verification.catalog.Shape;
import org.lanegrad.verification.gradcheck.Kinks;

/**
 * Is a kernel's backward pass the gradient of its own forward pass? Against two-sided differences
 * of the fp32 forward kernel.
 *
 * <p>The error allowed is derived: what the forward pass may round at x ± h, over the step; the
 * truncation of the difference, taken from the reference in double by halving h (Richardson: the
 * error of D(h) is 4/3·(D(h) − D(h/2)), doubled here); and what the backward pass may round.
 */
final class DifferenceWitness {
  /** A power of two, so that x ± h loses little in fp32; balances rounding / h and h². */
  private static final double H = 0x1p-7;

  private static final int SAMPLED = 12;

  private final OpSpec spec;
  private final long seed;
  private final Tally tally;

  DifferenceWitness(OpSpec spec, long seed) {
    this.spec = spec;
    this.seed = seed;
    tally = new Tally(spec.name(), Witness.DIFFERENCES, seed);
  }

  CheckResult verify() {
    SplittableRandom random = new SplittableRandom(seed + 3);
    for (Shape shape : spec.gradientShapes()) {
      DifferentiableProblem problem = (DifferentiableProblem) spec.at(shape);
      double[][] inputs = KernelRun.sample(problem, spec.domain(), random);
      double[] upstream = Domain.mixing(-2, 2).sample(problem.reference().outputSize(), random);
      KernelRun run = new KernelRun(problem, inputs, 0);
      run.forward();
      double[][] gradients = run.backward(upstream);
      for (int v : problem.gradientVariables()) {
        double[] allowed = problem.backwardAllowed(v, inputs, upstream, gradients[v]);
        for (int s = 0; s < Math.min(SAMPLED, inputs[v].length); s++) {
          int i = random.nextInt(inputs[v].length);
          element(problem, shape, inputs, upstream, v, i, gradients[v][i], allowed[i]);
        }
      }
    }
    return tally.result();
  }

  private void element(
      DifferentiableProblem problem,
      Shape shape,
      double[][] inputs,
      double[] upstream,
      int variable,
      int index,
      double analytic,
      double backwardAllowed) {
    Op op = problem.reference();
    double x = inputs[variable][index];
    double step = (float) (x + H) - x;
    Function forward = values -> new KernelRun(problem, values, 0).forward();
    CentralDifference kernel =
        CentralDifference.of(forward, inputs, upstream, variable, index, step);
    Function reference = values -> Evaluate.of(op, values);
    CentralDifference exact =
        CentralDifference.of(reference, inputs, upstream, variable, index, step);
    CentralDifference halved =
        CentralDifference.of(reference, inputs, upstream, variable, index, step / 2);
    double[] value = Evaluate.of(op, inputs);
    double[] rounding = problem.forwardAllowed(inputs, value);
    double roundingOfSlope = 0;
    for (int i = 0; i < upstream.length; i++) {
      roundingOfSlope += Math.abs(upstream[i]) * (rounding[i] + 1e-16 * Math.abs(value[i])) * 2.5;
    }
    boolean kinks = problem.kinks() == Kinks.SUBGRADIENT;
    double sides = kinks ? 1 : 0.5;
    double truncation = 8.0 / 3 * Math.abs(exact.value() - halved.value());
    double allowed = backwardAllowed + truncation + sides * roundingOfSlope / step;
    double error = problem.kinks().error(analytic, kernel);
    tally.count(1, error == 0 ? 0 : error / allowed);
    String name = op.variables().get(variable).name();
    tally.require(
        error <= allowed,
        "backward d" + name + " against differences",
        shape,
        String.format(
            Locale.ROOT,
            "index %d: gradient %.9g, difference %.9g (left %.9g, right %.9g), off by %.3g, allowed %.3g",
            index,
            analytic,
            kernel.value(),
            kernel.left(),
            kernel.right(),
            error,
            allowed));
  }
}
