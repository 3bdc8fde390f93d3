package org.lanegrad.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.lanegrad.verification.CheckResult.Witness;
import org.lanegrad.verification.catalog.DifferentiableProblem;
import org.lanegrad.verification.catalog.OpCatalog;
import org.lanegrad.verification.catalog.OpSpec;
import org.lanegrad.verification.catalog.Shape;
import org.lanegrad.verification.catalog.Slice;
import org.lanegrad.verification.catalog.WithBackward;

/**
 * Proof that the checker checks: each kind of mistake in each backward pass of the catalog, and all
 * are killed. A third of them a build, {@code -Dlanegrad.mutants=all} for each of them.
 */
@Execution(ExecutionMode.CONCURRENT)
class MutantsTest {
  private static final boolean ALL = System.getProperty("lanegrad.mutants", "").equals("all");

  /** Changes what a right backward pass has computed. */
  private interface Mutation {
    void of(Slice gradient, Slice upstream);
  }

  private static final Map<String, Mutation> MUTATIONS = new LinkedHashMap<>();

  static {
    MUTATIONS.put("wrong sign", (d, up) -> d.scale(0, d.length(), -1));
    MUTATIONS.put("factor 2", (d, up) -> d.scale(0, d.length(), 2));
    MUTATIONS.put("one in a thousand too much", (d, up) -> d.scale(0, d.length(), 1.001f));
    MUTATIONS.put("zero", (d, up) -> d.scale(0, d.length(), 0));
    MUTATIONS.put("last element zero", (d, up) -> d.scale(d.length() - 1, 1, 0));
    MUTATIONS.put("first element of another sign", (d, up) -> d.scale(0, 1, -1));
    MUTATIONS.put("not written", (d, up) -> d.scale(d.length() / 2, 1, Float.NaN));
    MUTATIONS.put("shifted", (d, up) -> shift(d));
    MUTATIONS.put("reversed", (d, up) -> reverse(d));
    MUTATIONS.put("accumulated", (d, up) -> d.scale(0, d.length(), 3));
    MUTATIONS.put("beyond its range", (d, up) -> d.array()[d.offset() + d.length()] = 1f);
    MUTATIONS.put("upstream overwritten", (d, up) -> up.array()[up.offset()] += 1f);
  }

  private static void shift(Slice d) {
    float[] values = copy(d);
    System.arraycopy(values, 0, d.array(), d.offset() + 1, values.length - 1);
  }

  private static void reverse(Slice d) {
    float[] values = copy(d);
    for (int i = 0; i < values.length; i++) {
      d.array()[d.offset() + i] = values[values.length - 1 - i];
    }
  }

  private static float[] copy(Slice slice) {
    float[] values = new float[slice.length()];
    slice.copyTo(values);
    return values;
  }

  @Test
  void everyMutantIsKilledAndNamed() {
    List<String> survivors = new ArrayList<>();
    int planted = 0;
    int turn = 0;
    for (OpSpec spec : OpCatalog.all()) {
      if (!spec.isDifferentiable()) {
        continue;
      }
      for (Map.Entry<String, Mutation> mutation : MUTATIONS.entrySet()) {
        turn++;
        if (!ALL && turn % 3 != 0) {
          continue;
        }
        String outcome = killed(spec, mutation.getValue(), turn);
        planted++;
        if (!outcome.isEmpty()) {
          survivors.add(spec.name() + ", " + mutation.getKey() + ": " + outcome);
        }
      }
    }
    assertThat(planted).isGreaterThanOrEqualTo(80);
    assertThat(survivors).as("%d mutants planted", planted).isEmpty();
  }

  /** How a mutant got away; empty if it did not. */
  private static String killed(OpSpec spec, Mutation mutation, int seed) {
    int[] changed = {0};
    OpSpec mutant =
        new OpSpec(
            spec.name() + " (mutant)",
            spec.kernels(),
            shape ->
                new WithBackward(
                    (DifferentiableProblem) spec.at(shape),
                    (problem, inputs, output, upstream, gradients) -> {
                      problem.backward(inputs, output, upstream, gradients);
                      Slice gradient = gradients[seed % gradients.length];
                      if (gradient.length() > 0) {
                        float[] before = copy(gradient);
                        mutation.of(gradient, upstream);
                        changed[0] += isSame(before, copy(gradient)) ? 0 : 1;
                      }
                    }),
            spec.domain(),
            List.of(spec.shapes().get(0)),
            gradientShapes(spec),
            spec.benchmarkShapes(),
            spec.cost());
    CheckResult backward =
        new OpVerifier(mutant, seed)
            .verify().stream()
                .filter(result -> result.witness() == Witness.BACKWARD)
                .findFirst()
                .orElseThrow();
    if (backward.passes()) {
      return changed[0] == 0 ? "" : "it passed";
    }
    String named = backward.mismatches().get(0).toString();
    return named.contains("(mutant)") && named.contains("again: ") ? "" : "not named: " + named;
  }

  /** Zeros of either sign are one number. */
  private static boolean isSame(float[] a, float[] b) {
    for (int i = 0; i < a.length; i++) {
      if (a[i] != b[i]) {
        return false;
      }
    }
    return true;
  }

  /** Some of several elements. */
  private static List<Shape> gradientShapes(OpSpec spec) {
    List<Shape> all = spec.gradientShapes();
    return List.of(all.get(all.size() / 2), all.get(all.size() - 1));
  }
}
