package org.lanegrad.bench.op;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.lanegrad.reference.op.Variable;
import org.lanegrad.verification.catalog.DifferentiableProblem;
import org.lanegrad.verification.catalog.Domain;
import org.lanegrad.verification.catalog.OpCatalog;
import org.lanegrad.verification.catalog.OpSpec;
import org.lanegrad.verification.catalog.Problem;
import org.lanegrad.verification.catalog.Shape;
import org.lanegrad.verification.catalog.Slice;

/** An op at one shape with its arrays made and filled, so that each pass is one call. */
public final class BoundOp {
  private final Problem problem;
  private final Slice[] inputs;
  private final Slice output;
  private final Slice upstream;
  private final Slice[] gradients;

  /** Makes the arrays and runs the forward pass once, so that either pass may come first. */
  public BoundOp(OpSpec spec, Shape shape) {
    problem = spec.at(shape);
    SplittableRandom random = new SplittableRandom(42);
    List<Variable> variables = problem.reference().variables();
    inputs = new Slice[variables.size()];
    Arrays.setAll(inputs, v -> Slice.of(spec.domain().sample(variables.get(v).size(), random), 0));
    output = Slice.room(problem.reference().outputSize(), 0);
    upstream = Slice.of(Domain.mixing(-1, 1).sample(output.length(), random), 0);
    int[] wanted = problem instanceof DifferentiableProblem d ? d.gradientVariables() : new int[0];
    gradients = new Slice[wanted.length];
    Arrays.setAll(gradients, g -> Slice.room(inputs[wanted[g]].length(), 0));
    forward();
  }

  /** One forward pass. */
  public void forward() {
    problem.forward(inputs, output);
  }

  /** One backward pass of the latest forward pass. */
  public void backward() {
    ((DifferentiableProblem) problem).backward(inputs, output, upstream, gradients);
  }

  /** One element of what was computed, for a benchmark to consume. */
  public float result() {
    float result = output.array()[0];
    return gradients.length == 0 ? result : result + gradients[0].array()[0];
  }

  /**
   * Runs every op of the catalog until the JIT has compiled it. A benchmark of one op alone
   * flatters code that shares loops, since then the JIT sees one op only.
   */
  public static void warmUpAll() {
    for (OpSpec spec : OpCatalog.all()) {
      BoundOp bound = new BoundOp(spec, spec.benchmarkShapes().get(0));
      long end = System.nanoTime() + 60_000_000;
      while (System.nanoTime() < end) {
        bound.forward();
        if (spec.isDifferentiable()) {
          bound.backward();
        }
      }
    }
  }
}
