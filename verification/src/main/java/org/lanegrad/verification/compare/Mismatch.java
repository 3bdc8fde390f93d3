package org.lanegrad.verification.compare;

import java.util.Locale;
import org.lanegrad.Lanegrad;

/**
 * What a failed comparison says: enough to find the element and to run it again.
 *
 * @param op the op's name in the catalog
 * @param what which pass and variable, such as "backward dx"
 * @param shape the shape
 * @param seed the seed of the inputs
 * @param problem the worst element, or what else went wrong
 */
public record Mismatch(String op, String what, String shape, long seed, String problem) {
  /** From a comparison that failed. */
  public static Mismatch of(String op, String what, String shape, long seed, Comparison worst) {
    return new Mismatch(
        op,
        what,
        shape,
        seed,
        String.format(
            Locale.ROOT,
            "worst at index %d: expected %.9g, actual %.9g, off by %.3g (%.2f ULP), allowed %.3g",
            worst.index(),
            worst.expected(),
            worst.actual(),
            Math.abs(worst.expected() - worst.actual()),
            worst.ulps(),
            worst.allowed()));
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        """
        %s, %s, %s, %s, seed %d: %s
          again: mvn test -pl verification -am -Dtest=CatalogAgreementTest \
        -Dsurefire.failIfNoSpecifiedTests=false "-Dlanegrad.op=%s" -Dlanegrad.seed=%d""",
        op,
        what,
        shape,
        Lanegrad.describe(),
        seed,
        problem,
        op,
        seed);
  }
}
