package org.lanegrad.verification.accuracy;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.apache.commons.math3.util.Decimal64;
import org.lanegrad.activation.Activation;
import org.lanegrad.reference.gate.UnaryGate;
import org.lanegrad.verification.catalog.UnarySpec;
import org.lanegrad.verification.compare.UlpsOrAbsolute;

/**
 * Sweeps a function and its derivative over all floats, or over every so many blocks of them.
 *
 * <p>The floats are taken in blocks of neighbours, so that a value that falls where the function
 * rises is seen. NaN is left out, the infinities are part of the sweep.
 */
public final class UlpSweep {
  private static final int BLOCK = 1 << 12;
  private static final long BLOCKS = (1L << 32) / BLOCK;

  private final UnarySpec spec;
  private final Activation kernel;

  /** A sweep of one function. */
  public UlpSweep(UnarySpec spec) {
    this.spec = spec;
    kernel = spec.kernel();
  }

  /**
   * Sweeps every {@code stride}-th block; 1 sweeps all 2³² floats.
   *
   * @throws IllegalArgumentException if the stride is not positive
   */
  public SweepResult run(long stride) {
    if (stride < 1) {
      throw new IllegalArgumentException("stride is " + stride + ", expected 1 or more");
    }
    return LongStream.range(0, (BLOCKS + stride - 1) / stride)
        .parallel()
        .mapToObj(i -> block((int) (i * stride * BLOCK)))
        .reduce(SweepResult.NONE, SweepResult::worse);
  }

  /** The floats of one block, by their bits: of one sign, in the order of their magnitude. */
  private SweepResult block(int firstBits) {
    float[] x = new float[BLOCK];
    for (int i = 0; i < BLOCK; i++) {
      x[i] = Float.intBitsToFloat(firstBits + i);
    }
    float[] y = new float[BLOCK];
    kernel.forward(x, 0, y, 0, BLOCK);
    float[] slope = new float[BLOCK];
    Arrays.fill(slope, 1f);
    float[] saved = kernel.saved() == Activation.Saved.INPUT ? x : y;
    kernel.backward(slope, 0, saved, 0, slope, 0, BLOCK);
    UnaryGate reference = spec.reference();
    SweepResult worst = SweepResult.NONE;
    double before = Double.NaN;
    for (int i = 0; i < BLOCK; i++) {
      if (Float.isNaN(x[i])) {
        continue;
      }
      Decimal64 at = new Decimal64(x[i]);
      double value = reference.value(at).getReal();
      double derivative = reference.derivative(at).getReal();
      boolean falls =
          i > 0 && (value - before) * (double) (y[i] - y[i - 1]) < 0 && value - before != 0;
      before = value;
      worst = worst.worse(of(x[i], y[i], value, slope[i], derivative, falls));
    }
    return worst;
  }

  private SweepResult of(
      float x, float y, double value, float slope, double derivative, boolean turns) {
    boolean normal = Math.abs(value) >= Float.MIN_NORMAL;
    boolean dying = normal && spec.forward() instanceof UlpsOrAbsolute b && b.isAbsolute(value);
    double error = error(y, value);
    double slopeError = error(slope, derivative);
    return new SweepResult(
        1,
        normal && !dying && error != 0 ? error / Math.ulp((float) value) : 0,
        x,
        dying ? error : 0,
        normal ? 0 : error / Float.MIN_VALUE,
        slopeError * 0x1p24 / Math.max(1, Math.abs(derivative)),
        x,
        turns ? 1 : 0,
        // below the normal numbers a bound in ULPs would count in units of 2^−149
        normal ? ratio(error, spec.forward().allowed(value, 0)) : 0,
        ratio(slopeError, spec.backward().allowed(derivative, 1)));
  }

  /** Infinite where only one of both is a number. */
  private static double error(float actual, double expected) {
    if (Float.isNaN(actual) && Double.isNaN(expected)) {
      return 0;
    }
    if (Float.isInfinite(actual) || Float.isInfinite((float) expected)) {
      return actual == (float) expected ? 0 : Double.POSITIVE_INFINITY;
    }
    double error = Math.abs(actual - expected);
    return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
  }

  private static double ratio(double error, double allowed) {
    return error == 0 ? 0 : error / allowed;
  }
}
