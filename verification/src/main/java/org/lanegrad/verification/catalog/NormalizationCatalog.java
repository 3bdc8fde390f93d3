package org.lanegrad.verification.catalog;

import java.util.List;
import java.util.function.Function;
import org.lanegrad.normalization.LayerNorm;
import org.lanegrad.normalization.LogSoftmax;
import org.lanegrad.normalization.RmsNorm;
import org.lanegrad.normalization.Softmax;
import org.lanegrad.reference.diff.Evaluate;
import org.lanegrad.reference.op.Op;
import org.lanegrad.verification.gradcheck.Kinks;

/** Softmax and its kin, and layer normalization, over m rows of n columns. */
public final class NormalizationCatalog {
  private static final double U = 0x1p-24;

  private NormalizationCatalog() {}

  /** The rows. */
  public static List<OpSpec> all() {
    return List.of(
        row(
            "softmax",
            Softmax.class,
            NormalizationCatalog::softmax,
            16,
            new double[] {24, 12, 4, 16}),
        row(
            "log-softmax",
            LogSoftmax.class,
            NormalizationCatalog::logSoftmax,
            16,
            new double[] {24, 12, 22, 16}),
        row(
            "layer norm",
            LayerNorm.class,
            s -> new LayerNormProblem(s.m(), s.n()),
            4,
            new double[] {9, 16, 18, 32}),
        row(
            "rms norm",
            RmsNorm.class,
            s -> new RmsNormProblem(s.m(), s.n()),
            4,
            new double[] {5, 12, 13, 28}));
  }

  /**
   * @param cost flops and bytes an element, forward and backward
   */
  private static OpSpec row(
      String name, Class<?> kernel, Function<Shape, Problem> problem, double range, double[] cost) {
    return new OpSpec(
        name,
        List.of(kernel),
        problem,
        Domain.mixing(-range, range),
        Shapes.logits(),
        Shapes.smallLogits(),
        Shapes.benchmarkLogits(),
        s -> {
          double size = (double) s.m() * s.n();
          return new Cost(cost[0] * size, cost[1] * size, cost[2] * size, cost[3] * size);
        });
  }

  private static Problem softmax(Shape s) {
    int n = s.n();
    Op op = new org.lanegrad.reference.op.Softmax(s.m(), n);
    return new KernelProblem(
        op,
        Kinks.NONE,
        new int[] {0},
        (in, out) -> Softmax.forward(in[0].matrix(s.m(), n), out.matrix(s.m(), n)),
        (up, in, out, d) ->
            Softmax.backward(up.matrix(s.m(), n), out.matrix(s.m(), n), d[0].matrix(s.m(), n)),
        (in, y) ->
            Bounds.each(
                y,
                i -> probability(n, Bounds.spread(in[0], i / n * n, n)) * y[i] + Float.MIN_NORMAL),
        (v, in, up, dx) -> {
          double[] y = Evaluate.of(op, in);
          return Bounds.each(
              dx,
              i -> {
                double turn = 0;
                for (int j = i / n * n; j < i / n * n + n; j++) {
                  turn += Math.abs(up[j]) * y[j];
                }
                double relative = 2 * probability(n, Bounds.spread(in[0], i / n * n, n));
                return relative * y[i] * (Math.abs(up[i]) + turn) + Float.MIN_NORMAL;
              });
        });
  }

  /**
   * What p is off by, relatively: the rounding of x − max, in the element and in the sum, the
   * exponential's two, the sum's, and one or two of the quotient.
   */
  static double probability(int n, double spread) {
    return U * (2 * spread + Bounds.additions(n) + 8);
  }

  private static Problem logSoftmax(Shape s) {
    int n = s.n();
    Op op = new org.lanegrad.reference.op.LogSoftmax(s.m(), n);
    return new KernelProblem(
        op,
        Kinks.NONE,
        new int[] {0},
        (in, out) -> LogSoftmax.forward(in[0].matrix(s.m(), n), out.matrix(s.m(), n)),
        (up, in, out, d) ->
            LogSoftmax.backward(up.matrix(s.m(), n), out.matrix(s.m(), n), d[0].matrix(s.m(), n)),
        (in, y) -> Bounds.each(y, i -> logarithm(n, Bounds.spread(in[0], i / n * n, n), y[i])),
        (v, in, up, dx) -> {
          double[] y = Evaluate.of(op, in);
          return Bounds.each(
              dx,
              i -> {
                double sum = 0;
                for (int j = i / n * n; j < i / n * n + n; j++) {
                  sum += Math.abs(up[j]);
                }
                double off = logarithm(n, Bounds.spread(in[0], i / n * n, n), y[i]);
                double relative = off + U * (Math.abs(y[i]) + 4 + Bounds.additions(n));
                return 2 * U * Math.abs(up[i]) + relative * Math.exp(y[i]) * sum + Float.MIN_NORMAL;
              });
        });
  }

  /** What log p is off by. */
  private static double logarithm(int n, double spread, double y) {
    return probability(n, spread) + U * (spread + 2 * Math.abs(y) + 8);
  }
}
