package org.lanegrad.verification.kit;

import java.io.PrintStream;
import org.lanegrad.verification.gradcheck.GradCheck;
import org.lanegrad.verification.gradcheck.GradCheckReport;

/** Runs {@link Checks} from a command line, where there is no JUnit. */
public final class RunChecks {
  private RunChecks() {}

  /**
   * Prints a report for each check. Exit code 0 if all pass, 1 if one fails, 2 if a class cannot be
   * used.
   *
   * @param args the names of classes that implement {@link Checks}
   */
  public static void main(String[] args) {
    System.exit(run(System.out, System.err, args));
  }

  /** The same with other streams; the exit code is the result. */
  static int run(PrintStream out, PrintStream err, String... classes) {
    if (classes.length == 0) {
      err.println("expected the names of classes that implement " + Checks.class.getName());
      return 2;
    }
    int failed = 0;
    int count = 0;
    for (String name : classes) {
      Checks checks;
      try {
        checks = Class.forName(name).asSubclass(Checks.class).getConstructor().newInstance();
      } catch (ReflectiveOperationException | ClassCastException e) {
        err.println(
            name
                + " is "
                + e
                + ", expected a public class that implements "
                + Checks.class.getName()
                + " and has a public constructor without arguments");
        return 2;
      }
      for (KernelCheck check : checks.kernels()) {
        KernelReport report = check.check();
        out.println(report);
        failed += report.passes() ? 0 : 1;
        count++;
      }
      for (GradCheck check : checks.gradients()) {
        GradCheckReport report = check.check();
        out.println(report);
        failed += report.passes() ? 0 : 1;
        count++;
      }
    }
    out.println(count - failed + " of " + count + " checks passed");
    return failed == 0 && count > 0 ? 0 : 1;
  }
}
