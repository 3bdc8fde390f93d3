package org.lanegrad.bench.op;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
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

  /** Less compilation than this in a round of all ops is none to speak of. */
  private static final long QUIET_MILLIS = 100;

  private static final int MOST_ROUNDS = 6;

  private final Slice upstream;
  private final Slice[] gradients;

  /** Makes the arrays and runs the forward pass once, so that either pass may come first. */
  public BoundOp(OpSpec spec, Shape shape) {
    this(spec, shape, 42);
  }

  /**
   * The same with another layout: where arrays lie relative to cache lines and pages, and to each
   * other, moves the time of a memory-bound op by half and more.
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
    forward();
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

  /** One element of what was computed, for a benchmark to consume. */
  public float result() {
    float result = output.array()[output.offset()];
    return gradients.length == 0 ? result : result + gradients[0].array()[gradients[0].offset()];
  }

  /**
   * Runs every op of the catalog until the JIT has hardly anything left to compile; on one core it
   * takes several rounds, since it shares that with the ops. A benchmark of one op alone flatters
   * code that shares loops, since then the JIT sees one op only.
   */
  public static void warmUpAll() {
    CompilationMXBean jit = ManagementFactory.getCompilationMXBean();
    long before;
    int rounds = 0;
    do {
      before = jit.getTotalCompilationTime();
      OpCatalog.all().forEach(BoundOp::warmUp);
      rounds++;
    } while (jit.getTotalCompilationTime() - before > QUIET_MILLIS && rounds < MOST_ROUNDS);
  }

  private static void warmUp(OpSpec spec) {
    BoundOp bound = new BoundOp(spec, spec.benchmarkShapes().get(0));
    long end = System.nanoTime() + 40_000_000;
    while (System.nanoTime() < end) {
      bound.forward();
      if (spec.isDifferentiable()) {
        bound.backward();
      }
    }
  }
}
