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
 * g ← g + λ·p; v ← μ·v + (1 − d)·g; p ← p − η·v, or with Nesterov's look-ahead p ← p − η·(g + μ·v).
 *
 * <ul>
 *   <li><b>Shapes</b>: the same elements of each array; v holds what the steps before left, zeros
 *       before the first.
 *   <li><b>Aliasing</b>: all arrays must be separate.
 *   <li><b>Accuracy</b>: 4 · 2^−24 of the terms' magnitudes.
 *   <li><b>Special values</b>: as the formula says; a NaN gradient makes its parameter and its
 *       state NaN.
 *   <li><b>Cost</b>: 8 flops and 20 bytes an element.
 *   <li><b>Determinism</b>: the same bits on every width, and from any split into ranges.
 *   <li><b>Source</b>: B. Polyak, Some Methods of Speeding Up (1964); Y. Nesterov (1983), in the
 *       form of I. Sutskever et al. (2013).
 * </ul>
 *
 * @param momentum μ, 0 … 1
 * @param dampening d, how much less of the gradient is taken in, 0 … 1
 * @param l2 λ, 0 or more
 * @param nesterov whether to look ahead
 */
public record Momentum(float momentum, float dampening, float l2, boolean nesterov) {
  /** All as given. */
  public Momentum {
    Steps.decay("momentum", momentum);
    Steps.decay("dampening", dampening);
    Check.atLeastZero("l2", l2);
  }

  /** Plain momentum. */
  public static Momentum of(float momentum) {
    return new Momentum(momentum, 0f, 0f, false);
  }

  /** Nesterov's accelerated gradient. */
  public static Momentum nesterov(float momentum) {
    return new Momentum(momentum, 0f, 0f, true);
  }

  /** One step over all elements. */
  public void step(float learningRate, float[] gradient, float[] velocity, float[] parameters) {
    Steps.whole(parameters, "gradient", gradient);
    Steps.whole(parameters, "velocity", velocity);
    step(learningRate, gradient, velocity, parameters, 0, parameters.length);
  }

  /** One step over {@code from … from + length − 1} of each array. */
  public void step(
      float learningRate,
      float[] gradient,
      float[] velocity,
      float[] parameters,
      int from,
      int length) {
    Check.atLeastZero("learningRate", learningRate);
    Check.range("gradient", gradient, from, length);
    Check.range("velocity", velocity, from, length);
    Check.range("parameters", parameters, from, length);
    Steps.separate(parameters, gradient, velocity);
    if (Simd.fills(length)) {
      Lanes.step(
          learningRate,
          momentum,
          dampening,
          l2,
          nesterov,
          gradient,
          velocity,
          parameters,
          from,
          length);
      return;
    }
    for (int i = from; i < from + length; i++) {
      float g = Fma.of(l2, parameters[i], gradient[i]);
      float v = Fma.of(momentum, velocity[i], (1f - dampening) * g);
      velocity[i] = v;
      float direction = nesterov ? Fma.of(momentum, v, g) : v;
      parameters[i] = Fma.of(-learningRate, direction, parameters[i]);
    }
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static void step(
        float learningRate,
        float momentum,
        float dampening,
        float l2,
        boolean nesterov,
        float[] gradient,
        float[] velocity,
        float[] parameters,
        int from,
        int length) {
      int last = from + length - L;
      FloatVector lastParameters = fromArray(S, parameters, last);
      FloatVector lastVelocity = fromArray(S, velocity, last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? from : last;
        int count = pass == 0 ? last - from : L;
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector p = pass == 0 ? fromArray(S, parameters, i) : lastParameters;
          FloatVector g = p.fma(broadcast(S, l2), fromArray(S, gradient, i));
          FloatVector v = pass == 0 ? fromArray(S, velocity, i) : lastVelocity;
          v = v.fma(broadcast(S, momentum), g.mul(1f - dampening));
          v.intoArray(velocity, i);
          FloatVector direction = nesterov ? v.fma(broadcast(S, momentum), g) : v;
          direction.fma(broadcast(S, -learningRate), p).intoArray(parameters, i);
        }
      }
    }
  }
}
