package org.lanegrad.reference.diff;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lanegrad.reference.op.EveryOp;
import org.lanegrad.reference.op.Op;

/** One derivative, by ways that share no code. */
class EveryWayAgreesTest {
  private static final int POINTS = 100;
  private static final double RELATIVE = 1e-9;

  static List<Op> ops() {
    return EveryOp.all();
  }

  @ParameterizedTest
  @MethodSource("ops")
  void firstDerivatives(Op op) {
    SplittableRandom random = new SplittableRandom(1);
    for (int point = 0; point < POINTS; point++) {
      double[][] x = EveryOp.point(op, random);
      double[][] v = random(x, random);
      double[] u = random.doubles(op.outputSize(), -2, 2).toArray();
      double[] flat = flat(x);

      double[] byJacobian = gradient(op, x, u);
      double[] byTape = BackwardOfBackward.gradient(Loss.weighted(op, u), flat);
      close(op, "Jᵀ·u by the tape", byTape, byJacobian);

      double[] byDuals = Jvp.of(op, x, v);
      close(op, "J·v by two reverse passes", ForwardFromReverse.of(op, x, v), byDuals);
      double[] oneSide = {dot(u, byDuals)};
      double[] otherSide = {dot(byJacobian, flat(v))};
      close(op, "⟨u, J·v⟩ and ⟨Jᵀ·u, v⟩", oneSide, otherSide);
    }
  }

  @ParameterizedTest
  @MethodSource("ops")
  void twoSidedDifferences(Op op) {
    SplittableRandom random = new SplittableRandom(2);
    for (int point = 0; point < POINTS; point++) {
      double[][] x = EveryOp.point(op, random);
      double[] u = random.doubles(op.outputSize(), -2, 2).toArray();
      int variable = random.nextInt(x.length);
      int i = random.nextInt(x[variable].length);
      double analytic = Vjp.of(op, variable, x, u)[i];
      CentralDifference coarse = difference(op, x, u, variable, i, 2e-3);
      CentralDifference fine = difference(op, x, u, variable, i, 1e-3);
      if (Math.abs(coarse.left() - coarse.right()) > 0.05 * (1 + Math.abs(analytic))) {
        double low = Math.min(fine.left(), fine.right());
        double high = Math.max(fine.left(), fine.right());
        assertThat(analytic).as("%s, near a kink", op).isBetween(low - 0.02, high + 0.02);
      } else {
        // Richardson: the error of h² cancels, h⁴ is left
        double numeric = (4 * fine.value() - coarse.value()) / 3;
        assertThat(analytic - numeric)
            .as("%s, point %d, variable %d, element %d: %s", op, point, variable, i, numeric)
            .isBetween(-1e-9 * (1 + Math.abs(numeric)), 1e-9 * (1 + Math.abs(numeric)));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("ops")
  void secondDerivatives(Op op) {
    SplittableRandom random = new SplittableRandom(3);
    for (int point = 0; point < 5; point++) {
      double[] x = flat(EveryOp.point(op, random));
      double[] u = random.doubles(op.outputSize(), -2, 2).toArray();
      double[] v = random.doubles(x.length, -2, 2).toArray();
      Loss loss = Loss.weighted(op, u);
      RealMatrix hessian = Hessian.of(loss, x);
      for (int i = 0; i < x.length; i++) {
        close(op, "H and Hᵀ", hessian.getRow(i), hessian.getColumn(i));
      }
      close(op, "H·v", BackwardOfBackward.hessianVector(loss, x, v), hessian.operate(v));
      double[] gradient = BackwardOfBackward.gradient(loss, x);
      double[] twice = hessian.scalarMultiply(2).operate(gradient);
      close(op, "∇‖∇L‖² = 2·H·∇L", BackwardOfBackward.penaltyGradient(loss, x), twice);
      double[] penalty = {BackwardOfBackward.penalty(loss, x)};
      close(op, "‖∇L‖²", penalty, new double[] {dot(gradient, gradient)});
    }
  }

  @Test
  void everyGateAndEveryOpIsHere() {
    assertThat(ops()).hasSizeGreaterThanOrEqualTo(55);
  }

  private static CentralDifference difference(
      Op op, double[][] x, double[] u, int variable, int i, double h) {
    return CentralDifference.of(at -> Evaluate.of(op, at), x, u, variable, i, h);
  }

  private static double[] gradient(Op op, double[][] x, double[] u) {
    double[][] gradients = new double[x.length][];
    Arrays.setAll(gradients, v -> Vjp.of(op, v, x, u));
    return flat(gradients);
  }

  private static double[][] random(double[][] like, SplittableRandom random) {
    return Arrays.stream(like)
        .map(part -> random.doubles(part.length, -2, 2).toArray())
        .toArray(double[][]::new);
  }

  private static double[] flat(double[][] parts) {
    return Arrays.stream(parts).flatMapToDouble(Arrays::stream).toArray();
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** Relative to the largest element: the others may be left over by cancellation. */
  private static void close(Op op, String what, double[] actual, double[] expected) {
    double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    for (int i = 0; i < expected.length; i++) {
      assertThat(Math.abs(actual[i] - expected[i]))
          .as("%s: %s, element %d: %s, expected %s", op, what, i, actual[i], expected[i])
          .isLessThanOrEqualTo(RELATIVE * largest + 1e-12);
    }
  }
}
