package org.lanegrad.verification.junit;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.lanegrad.verification.gradcheck.GradCheck;
import org.lanegrad.verification.gradcheck.GradCheckReport;
import org.lanegrad.verification.kit.KernelCheck;
import org.lanegrad.verification.kit.KernelReport;
import org.lanegrad.verification.kit.KernelReport.Verdict;

/**
 * Checks as trees of tests: a container for each kernel, a test for each check. What a kernel does
 * not claim is shown as skipped.
 *
 * <pre>{@code
 * @TestFactory
 * Stream<DynamicNode> kernels() {
 *   return KernelTests.of(axpy(), softmax());
 * }
 * }</pre>
 */
public final class KernelTests {
  private KernelTests() {}

  /** The checks of some kernels. */
  public static Stream<DynamicNode> of(KernelCheck... checks) {
    return Stream.of(checks).map(KernelTests::container);
  }

  private static DynamicNode container(KernelCheck check) {
    KernelReport report = check.check();
    List<DynamicTest> tests =
        report.results().stream()
            .map(
                result ->
                    DynamicTest.dynamicTest(
                        result.check(),
                        () -> {
                          Assumptions.assumeTrue(
                              result.verdict() != Verdict.NOT_CLAIMED, "not claimed");
                          if (result.verdict() == Verdict.FAIL) {
                            throw new AssertionError(check.name() + ", " + result);
                          }
                        }))
            .toList();
    return DynamicContainer.dynamicContainer(check.name(), tests);
  }

  /** The gradient checks of some functions, a test each. */
  public static Stream<DynamicTest> of(GradCheck... checks) {
    return Stream.of(checks)
        .map(
            check -> {
              GradCheckReport report = check.check();
              return DynamicTest.dynamicTest(report.name(), report::assertPasses);
            });
  }
}
