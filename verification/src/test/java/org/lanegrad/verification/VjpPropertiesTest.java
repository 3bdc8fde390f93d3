package org.lanegrad.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.lanegrad.reference.diff.Jvp;
import org.lanegrad.verification.catalog.DifferentiableProblem;
import org.lanegrad.verification.catalog.Domain;
import org.lanegrad.verification.catalog.OpCatalog;
import org.lanegrad.verification.catalog.OpSpec;
import org.lanegrad.verification.catalog.Shape;

/** What every backward pass must satisfy, whatever its op: it is a linear map, and J's adjoint. */
class VjpPropertiesTest {
  private static final Domain UPSTREAM = Domain.mixing(-2, 2);

  @Provide
  Arbitrary<OpSpec> ops() {
    return Arbitraries.of(OpCatalog.all().stream().filter(OpSpec::isDifferentiable).toList());
  }

  @Property(tries = 150)
  void isLinearInTheUpstreamGradient(
      @ForAll("ops") OpSpec op, @ForAll long seed, @ForAll boolean negative) {
    SplittableRandom random = new SplittableRandom(seed);
    DifferentiableProblem problem = problem(op, random);
    double[][] inputs = KernelRun.sample(problem, op.domain(), random);
    double[] u = UPSTREAM.sample(problem.reference().outputSize(), random);
    double factor = negative ? -4 : 2;
    double[] scaled = new double[u.length];
    for (int i = 0; i < u.length; i++) {
      scaled[i] = factor * u[i];
    }
    double[][] gradient = backward(problem, inputs, u);
    double[][] gradientOfScaled = backward(problem, inputs, scaled);
    for (int v : problem.gradientVariables()) {
      for (int i = 0; i < gradient[v].length; i++) {
        // A power of two scales each product and sum exactly, but for a softmax's own factor.
        assertThat(gradientOfScaled[v][i]).isEqualTo(factor * gradient[v][i]);
      }
    }
  }

  @Property(tries = 150)
  void isTheAdjointOfTheForwardDerivative(@ForAll("ops") OpSpec op, @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    DifferentiableProblem problem = problem(op, random);
    double[][] inputs = KernelRun.sample(problem, op.domain(), random);
    double[] u = UPSTREAM.sample(problem.reference().outputSize(), random);
    double[][] gradients = backward(problem, inputs, u);
    double[][] direction = new double[inputs.length][];
    double reverse = 0;
    double allowed = 1e-12;
    for (int v = 0; v < inputs.length; v++) {
      direction[v] = new double[inputs[v].length];
    }
    for (int v : problem.gradientVariables()) {
      direction[v] = UPSTREAM.sample(inputs[v].length, random);
      double[] bounds = problem.backwardAllowed(v, inputs, u, gradients[v]);
      for (int i = 0; i < direction[v].length; i++) {
        reverse += gradients[v][i] * direction[v][i];
        allowed += bounds[i] * Math.abs(direction[v][i]) * 1.01;
      }
    }
    double[] jv = Jvp.of(problem.reference(), inputs, direction);
    double forward = 0;
    for (int i = 0; i < u.length; i++) {
      forward += u[i] * jv[i];
    }
    assertThat(Math.abs(forward - reverse))
        .as("%s, seed %d: ⟨u, J·v⟩ = %s, ⟨Jᵀ·u, v⟩ = %s", op, seed, forward, reverse)
        .isLessThanOrEqualTo(allowed);
  }

  private static DifferentiableProblem problem(OpSpec op, SplittableRandom random) {
    List<Shape> shapes = op.gradientShapes();
    return (DifferentiableProblem) op.at(shapes.get(random.nextInt(shapes.size())));
  }

  private static double[][] backward(
      DifferentiableProblem problem, double[][] inputs, double[] upstream) {
    KernelRun run = new KernelRun(problem, inputs, 2);
    run.forward();
    return run.backward(upstream);
  }
}
