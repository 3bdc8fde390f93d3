package org.lanegrad.verification.catalog;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.lanegrad.Lanegrad;
import org.lanegrad.elementwise.Fill;
import org.lanegrad.embedding.EmbeddingWindow;
import org.lanegrad.loss.BinaryCrossEntropy;
import org.lanegrad.loss.MeanSquaredError;
import org.lanegrad.loss.MulticlassHinge;
import org.lanegrad.loss.NegativeLogLikelihood;
import org.lanegrad.loss.Reduction;
import org.lanegrad.loss.Regularizer;
import org.lanegrad.loss.SoftmaxCrossEntropy;
import org.lanegrad.reduction.Reductions;
import org.lanegrad.reference.gate.Smooth;
import org.lanegrad.reference.op.Op;
import org.lanegrad.reference.op.Sum;
import org.lanegrad.verification.catalog.TargetsProblem.Loss;
import org.lanegrad.verification.gradcheck.Kinks;

/** The losses, what they add up with, and the embedding below them. */
public final class LossCatalog {
  private static final double U = 0x1p-24;
  private static final int[] FIRST = {0};
  private static final int VOCABULARY = 7;

  private LossCatalog() {}

  /** The rows. */
  public static List<OpSpec> all() {
    Domain logits = Domain.mixing(-20, 20);
    double[] crossEntropy = {22, 4, 28, 12};
    return List.of(
        rows(
            "softmax cross-entropy",
            SoftmaxCrossEntropy.class,
            s -> new TargetsProblem(Loss.CROSS_ENTROPY, s, false, Reduction.MEAN),
            logits,
            crossEntropy),
        rows(
            "softmax cross-entropy, options",
            SoftmaxCrossEntropy.class,
            s -> new TargetsProblem(Loss.CROSS_ENTROPY, s, true, Reduction.SUM),
            logits,
            new double[] {28, 8, 34, 16}),
        rows(
            "softmax cross-entropy, rows",
            SoftmaxCrossEntropy.class,
            s -> new TargetsProblem(Loss.CROSS_ENTROPY, s, true, Reduction.NONE),
            logits,
            new double[] {28, 8, 34, 16}),
        rows(
            "negative log likelihood",
            NegativeLogLikelihood.class,
            s -> new TargetsProblem(Loss.NEGATIVE_LOG_LIKELIHOOD, s, true, Reduction.MEAN),
            Domain.mixing(-8, 0),
            new double[] {8, 8, 12, 16}),
        rows(
            "multiclass hinge",
            MulticlassHinge.class,
            LossCatalog::hinge,
            Domain.mixing(-2, 2),
            new double[] {4, 4, 7, 16}),
        rows(
            "embedding window",
            EmbeddingWindow.class,
            LossCatalog::embedding,
            Domain.mixing(-2, 2),
            // without lanes a copy still moves vectors, an addition one element
            new double[] {1, 8, Lanegrad.lanes() > 1 ? 2 : 4, 16}),
        lengths(
            "binary cross-entropy",
            List.of(BinaryCrossEntropy.class),
            LossCatalog::binary,
            new double[] {44, 8, 53, 20}),
        lengths(
            "mean squared error",
            List.of(MeanSquaredError.class),
            LossCatalog::squared,
            new double[] {3, 8, 6, 20}),
        lengths(
            "l1",
            List.of(Regularizer.class),
            s ->
                regularizer(
                    Regularizer.l1(0.125f),
                    org.lanegrad.reference.op.Regularizer.l1(0.125, s.n()),
                    s.n(),
                    Kinks.SUBGRADIENT),
            new double[] {8, 4, 14, 24}),
        lengths(
            "l2",
            List.of(Regularizer.class),
            s ->
                regularizer(
                    Regularizer.l2(0.125f),
                    org.lanegrad.reference.op.Regularizer.l2(0.125, s.n()),
                    s.n(),
                    Kinks.NONE),
            new double[] {8, 4, 14, 24}),
        // a sum only loads, its backward pass only stores: a line is fetched, written and put back,
        // three loads' worth of the second-level cache of an Intel core
        lengths(
            "sum",
            List.of(Reductions.class, Fill.class),
            LossCatalog::sum,
            new double[] {1, 4, 1, 12}));
  }

  private static OpSpec rows(
      String name,
      Class<?> kernel,
      Function<Shape, Problem> problem,
      Domain domain,
      double[] cost) {
    return new OpSpec(
        name,
        List.of(kernel),
        problem,
        domain,
        Shapes.logits(),
        Shapes.smallLogits(),
        Shapes.benchmarkLogits(),
        s -> cost(cost, (double) s.m() * s.n()));
  }

  private static OpSpec lengths(
      String name, List<Class<?>> kernels, Function<Shape, Problem> problem, double[] cost) {
    List<Shape> lengths = Shapes.lengths().stream().filter(s -> s.n() > 0).toList();
    return new OpSpec(
        name,
        kernels,
        problem,
        Domain.mixing(-8, 8),
        lengths,
        Shapes.shortLengths(),
        Shapes.benchmarkLengths(),
        s -> cost(cost, s.n()));
  }

  /** From flops and bytes an element, forward and backward. */
  private static Cost cost(double[] each, double size) {
    return new Cost(each[0] * size, each[1] * size, each[2] * size, each[3] * size);
  }

  /** A kernel's gradient is for an upstream gradient of 1: one more pass, counted in the costs. */
  private static void multiply(Slice gradient, Slice upstream) {
    gradient.scale(0, gradient.length(), upstream.array()[upstream.offset()]);
  }

  private static Problem hinge(Shape s) {
    int n = s.n();
    int[] labels = new int[s.m()];
    Arrays.setAll(labels, i -> 7 * i % n);
    return new KernelProblem(
        new org.lanegrad.reference.op.MulticlassHinge(labels, n, 1),
        Kinks.SUBGRADIENT,
        FIRST,
        (in, out) ->
            out.array()[out.offset()] =
                MulticlassHinge.lossAndGradient(in[0].matrix(s.m(), n), labels, 1f, null),
        (up, in, out, d) -> {
          MulticlassHinge.lossAndGradient(
              in[0].matrix(s.m(), n), labels, 1f, d[0].matrix(s.m(), n));
          multiply(d[0], up);
        },
        // each term up to 5, with three roundings of numbers up to 5
        (in, y) -> Bounds.each(y, i -> U * (Bounds.additions(n) + 2) * y[i] + 15.0 * U * n),
        (v, in, up, dx) -> Bounds.each(dx, i -> 3 * U * Math.abs(dx[i])));
  }

  private static Problem embedding(Shape s) {
    int d = s.n();
    int[] words = new int[3 * s.m()];
    Arrays.setAll(words, i -> (5 * i + 2) % (VOCABULARY + 1) - 1);
    return new KernelProblem(
        new org.lanegrad.reference.op.EmbeddingWindow(words, 3, VOCABULARY, d),
        Kinks.NONE,
        FIRST,
        (in, out) ->
            EmbeddingWindow.forward(in[0].matrix(VOCABULARY, d), words, out.matrix(s.m(), 3 * d)),
        (up, in, out, g) ->
            EmbeddingWindow.backward(up.matrix(s.m(), 3 * d), words, g[0].matrix(VOCABULARY, d)),
        (in, y) -> new double[y.length],
        // upstream gradients up to 2, each partial sum rounded
        (v, in, up, de) -> Bounds.each(de, i -> 2.0 * U * words.length * words.length));
  }

  private static Problem binary(Shape s) {
    int n = s.n();
    float[] targets = new float[n];
    double[] exact = new double[n];
    for (int i = 0; i < n; i++) {
      targets[i] = i % 3 * 0.5f;
      exact[i] = targets[i];
    }
    BinaryCrossEntropy kernel = new BinaryCrossEntropy(2f);
    return new KernelProblem(
        new org.lanegrad.reference.op.BinaryCrossEntropy(exact, 2),
        Kinks.NONE,
        FIRST,
        (in, out) ->
            out.array()[out.offset()] =
                kernel.lossAndGradient(in[0].array(), in[0].offset(), targets, 0, null, 0, n),
        (up, in, out, d) -> {
          kernel.lossAndGradient(
              in[0].array(), in[0].offset(), targets, 0, d[0].array(), d[0].offset(), n);
          multiply(d[0], up);
        },
        (in, y) -> Bounds.each(y, i -> U * (Bounds.additions(n) + 10) * y[i]),
        (v, in, up, dx) ->
            Bounds.each(
                dx,
                i -> {
                  double rise = (1 - exact[i]) * Smooth.SIGMOID.at(in[0][i]);
                  double fall = 2 * exact[i] * Smooth.SIGMOID.at(-in[0][i]);
                  return 8 * U * Math.abs(up[0]) * (rise + fall) / n + Float.MIN_VALUE;
                }));
  }

  private static Problem squared(Shape s) {
    int n = s.n();
    return new KernelProblem(
        new org.lanegrad.reference.op.MeanSquaredError(1, n),
        Kinks.NONE,
        FIRST,
        (in, out) ->
            out.array()[out.offset()] =
                MeanSquaredError.lossAndGradient(
                    in[0].array(), in[0].offset(), in[1].array(), in[1].offset(), null, 0, n),
        (up, in, out, d) -> {
          MeanSquaredError.lossAndGradient(
              in[0].array(),
              in[0].offset(),
              in[1].array(),
              in[1].offset(),
              d[0].array(),
              d[0].offset(),
              n);
          multiply(d[0], up);
        },
        (in, y) -> Bounds.each(y, i -> U * (Bounds.additions(n) + 5) * y[i]),
        (v, in, up, dx) -> Bounds.each(dx, i -> 4 * U * Math.abs(dx[i])));
  }

  private static Problem regularizer(Regularizer kernel, Op reference, int n, Kinks kinks) {
    return new KernelProblem(
        reference,
        kinks,
        FIRST,
        (in, out) ->
            out.array()[out.offset()] =
                kernel.penaltyAndGradient(in[0].array(), in[0].offset(), null, 0, n),
        (up, in, out, d) -> {
          kernel.penaltyAndGradient(in[0].array(), in[0].offset(), d[0].array(), d[0].offset(), n);
          multiply(d[0], up);
        },
        (in, y) -> Bounds.each(y, i -> U * (Bounds.additions(n) + 5) * y[i]),
        (v, in, up, dx) -> Bounds.each(dx, i -> 4 * U * Math.abs(dx[i])));
  }

  /** The backward pass of a sum is a fan-out of the upstream gradient. */
  private static Problem sum(Shape s) {
    int n = s.n();
    return new KernelProblem(
        new Sum(1, 1, n),
        Kinks.NONE,
        FIRST,
        (in, out) -> out.array()[out.offset()] = Reductions.sum(in[0].array(), in[0].offset(), n),
        (up, in, out, d) -> Fill.forward(up.array()[up.offset()], d[0].array(), d[0].offset(), n),
        (in, y) -> {
          double size = Arrays.stream(in[0]).map(Math::abs).sum();
          return new double[] {U * (Bounds.additions(n) + 1) * size};
        },
        (v, in, up, dx) -> new double[n]);
  }
}
