package org.lanegrad.optimizer;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.check.Check;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Fma;
import org.lanegrad.simd.Simd;

/**
 * g ← g + λ·p; s ← ρ·s + (1 − ρ)·g²; p ← p − η·g / (√s + ε).
 *
 * <ul>
 *   <li><b>Shapes</b>: the same elements of each array; s holds what the steps before left, zeros
 *       before the first.
 *   <li><b>Aliasing</b>: all arrays must be separate.
 *   <li><b>Accuracy</b>: 8 · 2^−24 of the terms' magnitudes.
 *   <li><b>Special values</b>: as the formula says; a NaN gradient makes its parameter and its
 *       state NaN.
 *   <li><b>Cost</b>: 12 flops (a root and a division among them) and 20 bytes an element.
 *   <li><b>Determinism</b>: the same bits on every width, and from any split into ranges.
 *   <li><b>Source</b>: T. Tieleman, G. Hinton, Lecture 6.5 of Neural Networks for Machine Learning
 *       (2012).
 * </ul>
 *
 * @param decay ρ, 0 … 1
 * @param epsilon ε, above 0
 * @param l2 λ, 0 or more
 */
public record RmsProp(float decay, float epsilon, float l2) {
  /** All as given. */
  public RmsProp {
    Steps.decay("decay", decay);
    Check.positive("epsilon", epsilon);
    Check.atLeastZero("l2", l2);
  }

  /** ρ = 0.99, ε = 1e−8. */
  public static RmsProp standard() {
    return new RmsProp(0.99f, 1e-8f, 0f);
  }

  /** One step over all elements. */
  public void step(float learningRate, float[] gradient, float[] squares, float[] parameters) {
    Steps.whole(parameters, "gradient", gradient);
    Steps.whole(parameters, "squares", squares);
    step(learningRate, gradient, squares, parameters, 0, parameters.length);
  }

  /** One step over {@code from … from + length − 1} of each array. */
  public void step(
      float learningRate,
      float[] gradient,
      float[] squares,
      float[] parameters,
      int from,
      int length) {
    Check.atLeastZero("learningRate", learningRate);
    Check.range("gradient", gradient, from, length);
    Check.range("squares", squares, from, length);
    Check.range("parameters", parameters, from, length);
    Steps.separate(parameters, gradient, squares);
    if (Simd.fills(length)) {
      Lanes.step(learningRate, decay, epsilon, l2, gradient, squares, parameters, from, length);
      return;
    }
    for (int i = from; i < from + length; i++) {
      float g = Fma.of(l2, parameters[i], gradient[i]);
      float s = Fma.of(decay, squares[i], (1f - decay) * g * g);
      squares[i] = s;
      float direction = g / ((float) Math.sqrt(s) + epsilon);
      parameters[i] = Fma.of(-learningRate, direction, parameters[i]);
    }
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static void step(
        float learningRate,
        float decay,
        float epsilon,
        float l2,
        float[] gradient,
        float[] squares,
        float[] parameters,
        int from,
        int length) {
      int last = from + length - L;
      FloatVector lastParameters = fromArray(S, parameters, last);
      FloatVector lastSquares = fromArray(S, squares, last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? from : last;
        int count = pass == 0 ? last - from : L;
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector p = pass == 0 ? fromArray(S, parameters, i) : lastParameters;
          FloatVector g = p.fma(broadcast(S, l2), fromArray(S, gradient, i));
          FloatVector s = pass == 0 ? fromArray(S, squares, i) : lastSquares;
          s = s.fma(broadcast(S, decay), g.mul(1f - decay).mul(g));
          s.intoArray(squares, i);
          FloatVector direction = g.div(s.sqrt().add(epsilon));
          direction.fma(broadcast(S, -learningRate), p).intoArray(parameters, i);
        }
      }
    }
  }
}
