package org.lanegrad.verification.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.lanegrad.activation.Activation;
import org.lanegrad.activation.Identity;
import org.lanegrad.activation.Relu;
import org.lanegrad.activation.Sigmoid;
import org.lanegrad.activation.Tanh;
import org.lanegrad.dense.Dense;
import org.lanegrad.dense.DenseBackward;
import org.lanegrad.loss.SoftmaxCrossEntropy;
import org.lanegrad.matmul.Gemm;
import org.lanegrad.optimizer.Sgd;
import org.lanegrad.reference.gate.PiecewiseLinear;
import org.lanegrad.reference.gate.Smooth;
import org.lanegrad.reference.gate.UnaryGate;
import org.lanegrad.reference.op.MatMul;
import org.lanegrad.verification.compare.Mixed;
import org.lanegrad.verification.compare.Tolerance;
import org.lanegrad.verification.compare.Ulps;
import org.lanegrad.verification.gradcheck.Kinks;

/** All ops of the library, a row each. */
public final class OpCatalog {
  private OpCatalog() {}

  /** The rows, in the order of the reports. */
  public static List<OpSpec> all() {
    List<OpSpec> rows = new ArrayList<>();
    // spotless:off
    //         name        kernel         reference                range      forward         backward             kinks               flops forward, backward
    rows.add(elementwise("identity", new Identity(), PiecewiseLinear.identity(), -4, 4, new Ulps(0), new Ulps(0), Kinks.NONE, 1, 1));
    rows.add(elementwise("relu", new Relu(), PiecewiseLinear.relu(), -4, 4, new Ulps(0), new Ulps(0), Kinks.SUBGRADIENT, 2, 3));
    rows.add(elementwise("sigmoid", new Sigmoid(), Smooth.SIGMOID, -30, 30, new Ulps(2.5), new Mixed(2, 2.5), Kinks.NONE, 20, 3));
    rows.add(elementwise("tanh", new Tanh(), Smooth.TANH, -10, 10, new Ulps(2.5), new Mixed(2, 5), Kinks.NONE, 20, 3));
    rows.add(gemm("gemm NN", false, false, 1, 0));
    rows.add(gemm("gemm NT", false, true, 1, 0));
    rows.add(gemm("gemm TN", true, false, 1, 0));
    rows.add(gemm("gemm TT, α, β", true, true, 0.75, 1.25));
    rows.add(dense("dense", new Identity(), PiecewiseLinear.identity(), Kinks.NONE));
    rows.add(dense("dense + relu", new Relu(), PiecewiseLinear.relu(), Kinks.SUBGRADIENT));
    rows.add(dense("dense + sigmoid", new Sigmoid(), Smooth.SIGMOID, Kinks.NONE));
    rows.add(dense("dense + tanh", new Tanh(), Smooth.TANH, Kinks.NONE));
    // spotless:on
    rows.add(crossEntropy());
    rows.add(sgd());
    return List.copyOf(rows);
  }

  /**
   * The row of that name.
   *
   * @throws IllegalArgumentException if there is none; the message lists the names
   */
  public static OpSpec named(String name) {
    return all().stream()
        .filter(row -> row.name().equals(name))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("no op \"" + name + "\", expected one of " + all()));
  }

  private static OpSpec elementwise(
      String name,
      Activation kernel,
      UnaryGate reference,
      double low,
      double high,
      Tolerance forward,
      Tolerance backward,
      Kinks kinks,
      int forwardFlops,
      int backwardFlops) {
    double backwardBytes = kernel.saved() == Activation.Saved.BITS ? 8.125 : 12;
    double forwardBytes = kernel.saved() == Activation.Saved.BITS ? 8.125 : 8;
    return new OpSpec(
        name,
        List.of(kernel.getClass()),
        shape -> new ElementwiseProblem(kernel, reference, forward, backward, kinks, shape.n()),
        Domain.elementwise(low, high),
        Shapes.lengths(),
        Shapes.shortLengths(),
        Shapes.benchmarkLengths(),
        perElement(forwardFlops, forwardBytes, backwardFlops, backwardBytes));
  }

  private static OpSpec gemm(String name, boolean ta, boolean tb, double alpha, double beta) {
    return new OpSpec(
        name,
        List.of(Gemm.class),
        s -> new GemmProblem(new MatMul(alpha, ta, tb, beta, s.m(), s.k(), s.n())),
        Domain.mixing(-1, 1),
        Shapes.products(),
        Shapes.smallProducts(),
        Shapes.benchmarkProducts(),
        OpCatalog::productCost);
  }

  private static OpSpec dense(String name, Activation kernel, UnaryGate reference, Kinks kinks) {
    return new OpSpec(
        name,
        List.of(Dense.class, DenseBackward.class, kernel.getClass()),
        shape -> new DenseProblem(kernel, reference, kinks, shape),
        Domain.mixing(-1, 1),
        Shapes.layers(),
        Shapes.smallLayers(),
        Shapes.benchmarkProducts(),
        OpCatalog::productCost);
  }

  private static OpSpec crossEntropy() {
    return new OpSpec(
        "softmax cross-entropy",
        List.of(SoftmaxCrossEntropy.class),
        CrossEntropyProblem::new,
        Domain.mixing(-20, 20),
        Shapes.logits(),
        Shapes.smallLogits(),
        Shapes.benchmarkLogits(),
        s -> {
          double size = (double) s.m() * s.n();
          return new Cost(22 * size, 4 * size, 26 * size, 12 * size);
        });
  }

  private static OpSpec sgd() {
    return new OpSpec(
        "sgd",
        List.of(Sgd.class),
        shape -> new SgdProblem(shape.n()),
        Domain.mixing(-4, 4),
        Shapes.lengths(),
        Shapes.shortLengths(),
        Shapes.benchmarkLengths(),
        s -> Cost.forwardOnly(2.0 * s.n(), 12.0 * s.n()));
  }

  private static Function<Shape, Cost> perElement(
      double forwardFlops, double forwardBytes, double backwardFlops, double backwardBytes) {
    return s ->
        new Cost(
            forwardFlops * s.n(),
            forwardBytes * s.n(),
            backwardFlops * s.n(),
            backwardBytes * s.n());
  }

  /**
   * A product forward, two backward; the bytes are those of the operands. The backward products
   * read a transposed operand each, which is packed first: 8 vector operations (shuffles and
   * blends) and 2 of memory an element, as dear as 32 flops.
   */
  private static Cost productCost(Shape s) {
    double flops = 2.0 * s.m() * s.k() * s.n();
    double a = (double) s.m() * s.k();
    double b = (double) s.k() * s.n();
    double bytes = 4.0 * (a + b + (double) s.m() * s.n());
    return new Cost(flops, bytes, 2 * flops + 32 * (a + b), 2 * bytes);
  }
}
