package org.lanegrad.verification.catalog;

import java.util.List;
import java.util.function.Function;

/**
 * One row of the catalog.
 *
 * @param name the op's name, as reports show it
 * @param kernels the kernel classes that the row exercises
 * @param problem binds the kernel to its reference at a shape
 * @param domain where it is tested
 * @param shapes the shapes of the agreement tests, awkward ones
 * @param gradientShapes the shapes of the gradient tests, small enough for a Jacobian in full
 * @param benchmarkShapes three sizes, growing, for benchmarks and gates
 * @param cost the work model
 */
public record OpSpec(
    String name,
    List<Class<?>> kernels,
    Function<Shape, Problem> problem,
    Domain domain,
    List<Shape> shapes,
    List<Shape> gradientShapes,
    List<Shape> benchmarkShapes,
    Function<Shape, Cost> cost) {
  /** The op with its kernel bound to the reference at one shape. */
  public Problem at(Shape shape) {
    return problem.apply(shape);
  }

  /** Whether the op has a backward pass. */
  public boolean isDifferentiable() {
    return at(gradientShapes.get(0)) instanceof DifferentiableProblem;
  }

  /** The same row with another kernel, as a test of the checks themselves needs. */
  public OpSpec with(String otherName, Function<Shape, Problem> otherProblem) {
    return new OpSpec(
        otherName, kernels, otherProblem, domain, shapes, gradientShapes, benchmarkShapes, cost);
  }

  @Override
  public String toString() {
    return name;
  }
}
