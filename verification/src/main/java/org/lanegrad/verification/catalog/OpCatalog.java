package org.lanegrad.verification.catalog;

import java.util.ArrayList;
import java.util.List;
import org.lanegrad.Lanegrad;
import org.lanegrad.activation.PRelu;
import org.lanegrad.dense.Dense;
import org.lanegrad.dense.DenseBackward;
import org.lanegrad.matmul.Gemm;
import org.lanegrad.reference.op.MatMul;

/** All ops of the library, a row each. */
public final class OpCatalog {
  /**
   * Packing a transposed operand, in flops of a product for each element: 8 vector operations
   * (shuffles and blends) and 2 of memory. A scaled C takes as much in a plain loop.
   */
  private static final double PACKING = 32;

  /**
   * The same forward, of both operands and C, beside a product whose instructions do more flops the
   * wider they are; where lanes are off, it is a copy.
   */
  private static final double PACKING_FORWARD =
      Lanegrad.lanes() == 1 ? 8 : Lanegrad.lanes() == 16 ? 32 : 24;

  /**
   * What a flop of an activation weighs beside one of a product, which executes two an instruction
   * and few instructions besides.
   */
  private static final double ELEMENTWISE = 2;

  private OpCatalog() {}

  /** The rows, in the order of the reports. */
  public static List<OpSpec> all() {
    List<OpSpec> rows = new ArrayList<>();
    ActivationCatalog.all().forEach(activation -> rows.add(activation.row()));
    rows.addAll(GateCatalog.all());
    rows.add(gemm("gemm NN", false, false, 1, 0));
    rows.add(gemm("gemm NT", false, true, 1, 0));
    rows.add(gemm("gemm TN", true, false, 1, 0));
    rows.add(gemm("gemm TT, α, β", true, true, 0.75, 1.25));
    for (String activation :
        List.of("identity", "relu", "leaky relu", "sigmoid", "tanh", "elu", "gelu")) {
      rows.add(dense(activation));
    }
    rows.add(prelu("prelu", false));
    rows.add(prelu("prelu, one slope", true));
    rows.addAll(NormalizationCatalog.all());
    rows.addAll(LossCatalog.all());
    rows.addAll(OptimizerCatalog.all());
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

  private static OpSpec gemm(String name, boolean ta, boolean tb, double alpha, double beta) {
    return new OpSpec(
        name,
        List.of(Gemm.class),
        s -> new GemmProblem(new MatMul(alpha, ta, tb, beta, s.m(), s.k(), s.n())),
        Domain.mixing(-1, 1),
        Shapes.products(),
        Shapes.smallProducts(),
        Shapes.benchmarkProducts(),
        shape -> {
          double a = (double) shape.m() * shape.k();
          double b = (double) shape.k() * shape.n();
          double c = beta == 0 ? 0 : (double) shape.m() * shape.n();
          return productCost(shape, PACKING_FORWARD * ((ta ? a : 0) + (tb ? b : 0) + c), 0);
        });
  }

  private static OpSpec dense(String activation) {
    UnarySpec unary = ActivationCatalog.named(activation);
    return new OpSpec(
        activation.equals("identity") ? "dense" : "dense + " + activation,
        List.of(Dense.class, DenseBackward.class, unary.kernel().getClass()),
        shape -> new DenseProblem(unary, shape),
        Domain.mixing(-1, 1),
        Shapes.layers(),
        Shapes.smallLayers(),
        Shapes.benchmarkProducts(),
        shape -> {
          Cost f = unary.row().cost().apply(Shape.of(shape.m() * shape.n()));
          return productCost(
              shape, ELEMENTWISE * f.forwardFlops(), ELEMENTWISE * f.backwardFlops());
        });
  }

  private static OpSpec prelu(String name, boolean oneSlope) {
    return new OpSpec(
        name,
        List.of(PRelu.class),
        shape -> new PReluProblem(shape.m(), shape.n(), oneSlope),
        Domain.mixing(-2, 2),
        Shapes.logits(),
        Shapes.smallLogits(),
        Shapes.benchmarkLogits(),
        s -> {
          double size = (double) s.m() * s.n();
          // one sum for all is a chain of fused multiply-adds, each four cycles long where lanes
          // are off
          double flops = oneSlope ? 14 : 6;
          return new Cost(3 * size, 8 * size, flops * size, 16 * size);
        });
  }

  /**
   * A product forward, two backward, and what comes on top; the bytes are those of the operands.
   * The backward products read a transposed operand each, which is packed first.
   */
  private static Cost productCost(Shape s, double forwardMore, double backwardMore) {
    double flops = 2.0 * s.m() * s.k() * s.n();
    double a = (double) s.m() * s.k();
    double b = (double) s.k() * s.n();
    double bytes = 4.0 * (a + b + (double) s.m() * s.n());
    return new Cost(
        flops + forwardMore, bytes, 2 * flops + PACKING * (a + b) + backwardMore, 2 * bytes);
  }
}
