package org.lanegrad.verification;

import java.util.ArrayList;
import java.util.List;
import org.lanegrad.verification.CheckResult.Witness;
import org.lanegrad.verification.catalog.Shape;
import org.lanegrad.verification.compare.Comparison;
import org.lanegrad.verification.compare.Mismatch;

/** Adds up the comparisons of one witness. */
final class Tally {
  private static final int KEPT = 5;

  private final String op;
  private final Witness witness;
  private final long seed;
  private final List<Mismatch> mismatches = new ArrayList<>();
  private int cases;
  private double worst;

  Tally(String op, Witness witness, long seed) {
    this.op = op;
    this.witness = witness;
    this.seed = seed;
  }

  void compare(String what, Shape shape, double[] expected, double[] actual, double[] allowed) {
    Comparison comparison = Comparison.of(expected, actual, allowed);
    count(1, comparison.ratio());
    if (!comparison.passes()) {
      keep(Mismatch.of(op, what, shape.toString(), seed, comparison));
    }
  }

  void count(int more, double ratio) {
    cases += more;
    worst = Math.max(worst, ratio);
  }

  void require(boolean condition, String what, Shape shape, String problem) {
    if (!condition) {
      worst = Double.POSITIVE_INFINITY;
      keep(new Mismatch(op, what, shape.toString(), seed, problem));
    }
  }

  private void keep(Mismatch mismatch) {
    if (mismatches.size() < KEPT) {
      mismatches.add(mismatch);
    }
  }

  CheckResult result() {
    return new CheckResult(op, witness, cases, worst, List.copyOf(mismatches));
  }
}
