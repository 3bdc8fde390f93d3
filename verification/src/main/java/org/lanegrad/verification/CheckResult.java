package org.lanegrad.verification;

import java.util.List;
import java.util.Locale;
import org.lanegrad.verification.compare.Mismatch;

/**
 * What one witness says of one op.
 *
 * @param op the op's name
 * @param witness which check it was
 * @param cases how many arrays were compared, or gradient elements differenced
 * @param worst the largest error, as a fraction of the error allowed for that element
 * @param mismatches what failed, empty if all passed; at most a few
 */
public record CheckResult(
    String op, Witness witness, int cases, double worst, List<Mismatch> mismatches) {
  /** Who says so. */
  public enum Witness {
    /** The kernel's forward pass against the reference. */
    FORWARD("forward"),
    /** The kernel's forward pass on special values against the reference. */
    SPECIAL_VALUES("special values"),
    /** The kernel's backward pass against Jᵀ·upstream with the reference's explicit Jacobian. */
    BACKWARD("backward"),
    /** The reference's Jacobian against two-sided differences and dual numbers, in double. */
    REFERENCE("reference"),
    /** The kernel's backward pass against two-sided differences of its own forward pass. */
    DIFFERENCES("own differences");

    private final String label;

    Witness(String label) {
      this.label = label;
    }

    @Override
    public String toString() {
      return label;
    }
  }

  /** Whether nothing failed. */
  public boolean passes() {
    return mismatches.isEmpty();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%-22s %-16s %6d cases, worst %.3f of the bound: %s",
        op,
        witness,
        cases,
        worst,
        passes() ? "pass" : "FAIL\n" + mismatches.get(0));
  }
}
