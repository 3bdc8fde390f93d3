package org.lanegrad.verification.jit;

import java.util.List;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.activation.Sigmoid;
import org.lanegrad.activation.Softsign;
import org.lanegrad.verification.jit.JitCase.Bound;

/** Kernels with each of the faults that the guard looks for, and one without. */
final class JitControls {
  private static final int[] LENGTHS = {4096, 4099, 1003};
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final Sigmoid SIGMOID = new Sigmoid();
  private static final Softsign SOFTSIGN = new Softsign();

  private interface Loop {
    void over(float[] x, float[] y, int n);
  }

  private static final JitCase RIGHT = of("right", (x, y, n) -> SOFTSIGN.forward(x, 0, y, 0, n));

  /** One that boxes, at a single size since it is waited for, and one that is right. */
  public static final class Boxing implements JitCase.Provider {
    @Override
    public List<JitCase> cases() {
      JitCase boxing = of("boxing on purpose", JitControls::boxing);
      return List.of(
          RIGHT, new JitCase(boxing.name(), boxing.sizes().subList(0, 1), boxing.binder()));
    }
  }

  /** One that depends on the order of warm-up, and one that is right. */
  public static final class Bistable implements JitCase.Provider {
    @Override
    public List<JitCase> cases() {
      return List.of(RIGHT, of("bistable on purpose", JitControls::bistable));
    }
  }

  /** One that stalls, and one that is right. */
  public static final class Stalling implements JitCase.Provider {
    @Override
    public List<JitCase> cases() {
      return List.of(RIGHT, of("stalling on purpose", JitControls::stalling));
    }
  }

  /** The right one alone. */
  public static final class Right implements JitCase.Provider {
    @Override
    public List<JitCase> cases() {
      return List.of(RIGHT);
    }
  }

  private JitControls() {}

  private static JitCase of(String name, Loop loop) {
    return new JitCase(
        name,
        List.of("n=4096", "n=4099", "n=1003"),
        size -> {
          int n = LENGTHS[size];
          float[] x = new float[n];
          float[] y = new float[n];
          return new Bound(() -> loop.over(x, y, n), n, value -> x[n / 2] = value);
        });
  }

  private static final List<UnaryOperator<FloatVector>> OPERATORS =
      List.of(v -> v.add(1f), v -> v.mul(2f), v -> v.sub(3f), FloatVector::neg);

  /** A vector goes through a call with four receivers, which C2 does not inline. */
  private static void boxing(float[] x, float[] y, int n) {
    for (int i = 0, k = 0; i < S.loopBound(n); i += S.length(), k++) {
      OPERATORS.get(k & 3).apply(FloatVector.fromArray(S, x, i)).intoArray(y, i);
    }
  }

  private static int firstLength;

  /** What it meets first decides how often it does its work for good. */
  private static void bistable(float[] x, float[] y, int n) {
    firstLength = firstLength == 0 ? n : firstLength;
    for (int repeat = firstLength >= LENGTHS[0] ? 0 : -4; repeat <= 0; repeat++) {
      SIGMOID.forward(x, 0, y, 0, n);
    }
  }

  /** The remainder stands in a branch of its own: the first one throws the compiled code away. */
  private static void stalling(float[] x, float[] y, int n) {
    int i = 0;
    for (; i < S.loopBound(n); i += S.length()) {
      FloatVector v = FloatVector.fromArray(S, x, i);
      v.fma(v, v).div(v.abs().add(1f)).sqrt().intoArray(y, i);
    }
    if (i < n) {
      VectorMask<Float> rest = S.indexInRange(i, n);
      FloatVector v = FloatVector.fromArray(S, x, i, rest);
      v.fma(v, v).div(v.abs().add(1f)).sqrt().intoArray(y, i, rest);
    }
  }
}
