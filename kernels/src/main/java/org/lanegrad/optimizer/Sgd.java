package org.lanegrad.optimizer;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Fma;
import org.lanegrad.simd.Simd;

/**
 * p ← p − η·g: plain stochastic gradient descent.
 *
 * <ul>
 *   <li><b>Shapes</b>: {@code length} elements from the given index of each array.
 *   <li><b>Aliasing</b>: parameters and gradient must be separate.
 *   <li><b>Accuracy</b>: one rounding (fused multiply-add), 0.5 ULP.
 *   <li><b>Special values</b>: as the formula says; a NaN gradient makes its parameter NaN.
 *   <li><b>Cost</b>: 2 flops and 12 bytes an element.
 *   <li><b>Determinism</b>: the same bits on every width.
 * </ul>
 */
public final class Sgd {
  private Sgd() {}

  /** One step over all elements of both arrays. */
  public static void step(float learningRate, float[] gradient, float[] parameters) {
    Steps.whole(parameters, "gradient", gradient);
    step(learningRate, gradient, 0, parameters, 0, parameters.length);
  }

  /** One step over matrices of one shape, rows as they are stored. */
  public static void step(float learningRate, Matrix gradient, Matrix parameters) {
    Check.notNull("gradient", gradient, "a Matrix");
    Check.notNull("parameters", parameters, "a Matrix");
    Check.equal("gradient.rows", gradient.rows(), "parameters.rows", parameters.rows());
    Check.equal("gradient.columns", gradient.columns(), "parameters.columns", parameters.columns());
    Check.stored("gradient", gradient.isTransposed());
    Check.stored("parameters", parameters.isTransposed());
    boolean whole = gradient.isContiguous() && parameters.isContiguous();
    int rows = whole ? Math.min(1, gradient.rows()) : gradient.rows();
    int length = whole ? gradient.rows() * gradient.columns() : gradient.columns();
    for (int i = 0; i < rows; i++) {
      int from = gradient.index(i, 0);
      step(
          learningRate, gradient.array(), from, parameters.array(), parameters.index(i, 0), length);
    }
  }

  /** One step over a range of each array. */
  public static void step(
      float learningRate,
      float[] gradient,
      int gradientFrom,
      float[] parameters,
      int parametersFrom,
      int length) {
    Check.atLeastZero("learningRate", learningRate);
    Check.range("gradient", gradient, gradientFrom, length);
    Check.range("parameters", parameters, parametersFrom, length);
    Check.separate(
        "parameters",
        "gradient",
        parameters == gradient && Math.abs((long) parametersFrom - gradientFrom) < length);
    if (Simd.fills(length)) {
      Lanes.step(-learningRate, gradient, gradientFrom, parameters, parametersFrom, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      float p = parameters[parametersFrom + i];
      parameters[parametersFrom + i] = Fma.of(-learningRate, gradient[gradientFrom + i], p);
    }
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static void step(
        float rate, float[] gradient, int from, float[] parameters, int to, int length) {
      FloatVector factor = broadcast(S, rate);
      int last = length - L;
      FloatVector lastParameters = fromArray(S, parameters, to + last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector p = pass == 0 ? fromArray(S, parameters, to + i) : lastParameters;
          fromArray(S, gradient, from + i).fma(factor, p).intoArray(parameters, to + i);
        }
      }
    }
  }
}
