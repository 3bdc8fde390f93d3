package org.lanegrad.verification;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.lanegrad.reference.op.Variable;
import org.lanegrad.verification.catalog.DifferentiableProblem;
import org.lanegrad.verification.catalog.Domain;
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
    this(spec, shape, 42);
    forward();
  }

  /**
   * The same with another layout, and as yet without a forward pass: where arrays lie relative to
   * cache lines and pages, and to each other, moves the time of a memory-bound op by half and more.
   */
  public BoundOp(OpSpec spec, Shape shape, long seed) {
    problem = spec.at(shape);
    SplittableRandom random = new SplittableRandom(seed);
    List<Variable> variables = problem.reference().variables();
    inputs = new Slice[variables.size()];
    Arrays.setAll(
        inputs,
        v -> Slice.of(spec.domain().sample(variables.get(v).size(), random), offset(random)));
    output = Slice.room(problem.reference().outputSize(), offset(random));
    upstream = Slice.of(Domain.mixing(-1, 1).sample(output.length(), random), offset(random));
    int[] wanted = problem instanceof DifferentiableProblem d ? d.gradientVariables() : new int[0];
    gradients = new Slice[wanted.length];
    Arrays.setAll(gradients, g -> Slice.room(inputs[wanted[g]].length(), offset(random)));
  }

  /** Up to a page. */
  private static int offset(SplittableRandom random) {
    return random.nextInt(1024);
  }

  /** One forward pass. */
  public void forward() {
    problem.forward(inputs, output);
  }

  /** One backward pass of the latest forward pass. */
  public void backward() {
    ((DifferentiableProblem) problem).backward(inputs, output, upstream, gradients);
  }

  /** Puts a value into the middle of every input and of the upstream gradient. */
  public void plant(float value) {
    for (Slice input : inputs) {
      plant(input, value);
    }
    plant(upstream, value);
  }

  private static void plant(Slice slice, float value) {
    if (slice.length() > 0) {
      slice.array()[slice.offset() + slice.length() / 2] = value;
    }
  }

  /** One element of what was computed, for a benchmark to consume. */
  public float result() {
    float result = output.array()[output.offset()];
    return gradients.length == 0 ? result : result + gradients[0].array()[gradients[0].offset()];
  }
}
