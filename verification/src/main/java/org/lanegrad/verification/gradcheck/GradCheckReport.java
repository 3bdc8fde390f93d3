package org.lanegrad.verification.gradcheck;

import java.util.Locale;

/**
 * The worst element of a gradient check.
 *
 * @param function what was checked
 * @param checked how many elements were
 * @param variable the name of the worst element's variable
 * @param index its index in the variable
 * @param analytic the gradient that is claimed
 * @param numeric the two-sided difference
 * @param error how far the gradient lies from what it may be
 * @param allowed the error allowed there
 */
public record GradCheckReport(
    String function,
    int checked,
    String variable,
    int index,
    double analytic,
    double numeric,
    double error,
    double allowed) {
  /** Whether each element was within its bound. */
  public boolean passes() {
    return error <= allowed;
  }

  /** Error / allowed of the worst element. */
  public double ratio() {
    return error == 0 ? 0 : error / allowed;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: %s; %d gradient elements, worst ∂/∂%s[%d]: analytic %.9g, numeric %.9g, error %.3g, allowed %.3g",
        function,
        passes() ? "pass" : "FAIL",
        checked,
        variable,
        index,
        analytic,
        numeric,
        error,
        allowed);
  }
}
