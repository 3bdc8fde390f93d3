package org.lanegrad.verification;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.lanegrad.reference.diff.Evaluate;
import org.lanegrad.reference.diff.Vjp;
import org.lanegrad.reference.op.Variable;
import org.lanegrad.verification.CheckResult.Witness;
import org.lanegrad.verification.catalog.DifferentiableProblem;
import org.lanegrad.verification.catalog.Domain;
import org.lanegrad.verification.catalog.OpSpec;
import org.lanegrad.verification.catalog.Problem;
import org.lanegrad.verification.catalog.Shape;

/**
 * Runs every check on one op: forward and special values against the reference, and the three
 * witnesses of each gradient.
 *
 * <p>Each shape is tried at two offsets, inside margins that must stay as they are, with inputs
 * that must not change, and on an output that holds NaN, which must all be overwritten.
 */
public final class OpVerifier {
  private static final int[] OFFSETS = {0, 5};

  private final OpSpec spec;
  private final long seed;

  /** Checks of one row with inputs from one seed. */
  public OpVerifier(OpSpec spec, long seed) {
    this.spec = spec;
    this.seed = seed;
  }

  /** Runs all checks that apply to the op. */
  public List<CheckResult> verify() {
    List<CheckResult> results = new ArrayList<>();
    results.add(forward());
    if (spec.domain().specials().length > 0) {
      results.add(specialValues());
    }
    if (spec.isDifferentiable()) {
      results.add(backward());
      ReferenceWitness reference = new ReferenceWitness(spec, seed);
      results.add(reference.verify());
      results.add(new DifferenceWitness(spec, seed).verify());
    }
    return results;
  }

  private CheckResult forward() {
    Tally tally = new Tally(spec.name(), Witness.FORWARD, seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (Shape shape : spec.shapes()) {
      for (int offset : OFFSETS) {
        Problem problem = spec.at(shape);
        forward(tally, problem, shape, offset, KernelRun.sample(problem, spec.domain(), random));
      }
    }
    return tally.result();
  }

  /** Each special value fills an array, so that lanes and tail both meet it, and with others. */
  private CheckResult specialValues() {
    Tally tally = new Tally(spec.name(), Witness.SPECIAL_VALUES, seed);
    Shape shape = Shape.of(67);
    double[] mixed = new double[shape.n()];
    float[] specials = spec.domain().specials();
    for (int i = 0; i < mixed.length; i++) {
      mixed[i] = specials[i % specials.length];
    }
    forward(tally, spec.at(shape), shape, 0, new double[][] {mixed});
    for (float special : specials) {
      double[] same = new double[shape.n()];
      Arrays.fill(same, special);
      forward(tally, spec.at(shape), shape, 0, new double[][] {same});
    }
    return tally.result();
  }

  private static void forward(
      Tally tally, Problem problem, Shape shape, int offset, double[][] inputs) {
    double[] expected = Evaluate.of(problem.reference(), inputs);
    KernelRun run = new KernelRun(problem, inputs, offset);
    double[] actual = run.forward();
    String what = "forward, offset " + offset;
    tally.compare(what, shape, expected, actual, problem.forwardAllowed(inputs, expected));
    run.violations(inputs).forEach(v -> tally.require(false, what, shape, v));
  }

  private CheckResult backward() {
    Tally tally = new Tally(spec.name(), Witness.BACKWARD, seed);
    SplittableRandom random = new SplittableRandom(seed + 1);
    Domain upstreams = Domain.mixing(-2, 2);
    for (Shape shape : spec.gradientShapes()) {
      for (int offset : OFFSETS) {
        DifferentiableProblem problem = (DifferentiableProblem) spec.at(shape);
        double[][] inputs = KernelRun.sample(problem, spec.domain(), random);
        double[] upstream = upstreams.sample(problem.reference().outputSize(), random);
        KernelRun run = new KernelRun(problem, inputs, offset);
        run.forward();
        double[][] actual = run.backward(upstream);
        for (int v : problem.gradientVariables()) {
          Variable variable = problem.reference().variables().get(v);
          double[] expected = Vjp.of(problem.reference(), v, inputs, upstream);
          double[] allowed = problem.backwardAllowed(v, inputs, upstream, expected);
          tally.compare("backward d" + variable.name(), shape, expected, actual[v], allowed);
        }
        run.violations(inputs).forEach(v -> tally.require(false, "backward", shape, v));
      }
    }
    return tally.result();
  }
}
