package org.lanegrad.verification.kit;

import java.util.List;
import java.util.Locale;

/**
 * What the checks of a kernel found.
 *
 * @param kernel its name
 * @param results one for each check
 * @param seed of all random values
 */
public record KernelReport(String kernel, List<Result> results, long seed) {
  /** Copies the list. */
  public KernelReport {
    results = List.copyOf(results);
  }

  /** What came of a check. */
  public enum Verdict {
    /** It holds. */
    PASS,
    /** It does not. */
    FAIL,
    /** The kernel promises nothing of the kind. */
    NOT_CLAIMED
  }

  /**
   * One check.
   *
   * @param check its name
   * @param verdict what came of it
   * @param cases how many arrays or elements were looked at
   * @param message what failed, empty otherwise
   */
  public record Result(String check, Verdict verdict, int cases, String message) {
    @Override
    public String toString() {
      String word = verdict.name().toLowerCase(Locale.ROOT).replace('_', ' ');
      String head = String.format(Locale.ROOT, "%-16s %s, %d cases", check, word, cases);
      return message.isEmpty() ? head : head + "\n    " + message;
    }
  }

  /** Whether nothing failed. */
  public boolean passes() {
    return results.stream().noneMatch(r -> r.verdict == Verdict.FAIL);
  }

  /**
   * Nothing if it passes.
   *
   * @throws AssertionError with the report if it does not
   */
  public void assertPasses() {
    if (!passes()) {
      throw new AssertionError(toString());
    }
  }

  /** The result of the check of that name. */
  public Result result(String check) {
    return results.stream().filter(r -> r.check.equals(check)).findFirst().orElseThrow();
  }

  /** A verdict, and a line for each check. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(kernel + ": " + (passes() ? "pass" : "FAIL") + "\n");
    results.forEach(r -> text.append("  ").append(r).append('\n'));
    if (!passes()) {
      text.append("  again: the same check with .seed(").append(seed).append("L)\n");
    }
    return text.toString();
  }
}
