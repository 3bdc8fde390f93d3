package org.lanegrad.verification.jit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.lanegrad.Lanegrad;
import org.lanegrad.verification.jit.JitFinding.Kind;
import org.lanegrad.verification.jit.JitGuard.Order;
import org.lanegrad.verification.jit.JitGuard.Width;
import org.lanegrad.verification.kit.KernelCheck;
import org.lanegrad.verification.kit.KernelReport;
import org.lanegrad.verification.kit.KernelReport.Verdict;

/** A sample of what {@code -Pjit} does; and the guard finds the faults that it is there for. */
@Isolated // it measures
class JitGuardTest {
  private final StringWriter log = new StringWriter();

  private JitGuard guard(Class<? extends JitCase.Provider> cases) {
    return new JitGuard(new PrintWriter(log, true), cases);
  }

  @Test
  void afterOneOrderOfWarmUpNoKernelAllocates() {
    JitGuard guard = new JitGuard(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
    guard.orders(Width.NATIVE, List.of(new Order(1, "MIXED", false, false)));
    assertThat(guard.readings()).isGreaterThan(500);
    assertThat(guard.findings()).isEmpty();
  }

  @Test
  void atOnceAfterTheWarmUpEveryKernelRunsAtFullSpeed() {
    JitGuard guard = new JitGuard(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
    guard.ready(Width.NATIVE);
    assertThat(guard.readings()).isGreaterThan(100);
    assertThat(guard.findings()).isEmpty();
  }

  @Test
  void aKernelThatBoxesIsCaughtAndItsPlaceNamed() {
    assumeTrue(Lanegrad.lanes() > 1, "lanes are off: nothing can box");
    JitGuard guard = guard(JitControls.Boxing.class);
    guard.orders(Width.NATIVE, List.of(new Order(1, "MIXED", false, false)));
    assertThat(guard.findings()).isNotEmpty();
    assertThat(guard.findings())
        .allSatisfy(
            finding -> {
              assertThat(finding.kind()).isEqualTo(Kind.BOXES);
              assertThat(finding.name()).isEqualTo("boxing on purpose");
              assertThat(finding.toString())
                  .contains("bytes a call")
                  .contains("JitControls")
                  .contains("again: java --add-modules");
            });
  }

  @Test
  void aKernelThatClaimsThatItDoesNotBoxIsTakenAtItsWord() {
    assumeTrue(Lanegrad.lanes() > 1, "lanes are off: nothing can box");
    KernelReport report = claim(JitControls.Boxing.class);
    assertThat(report.result("jit").verdict()).isEqualTo(Verdict.FAIL);
    assertThat(report.result("jit").message())
        .contains("boxing on purpose boxes, n=4096, native: ")
        .contains("again: java --add-modules");
    KernelReport right = claim(JitControls.Right.class);
    assertThat(right.result("jit").verdict()).as("%s", right).isEqualTo(Verdict.PASS);
    assertThat(right.result("jit").cases()).isGreaterThanOrEqualTo(4 * 3);
  }

  private static KernelReport claim(Class<? extends JitCase.Provider> cases) {
    return KernelCheck.of("zeros", (in, out) -> Arrays.fill(out.array(), 0))
        .input("x", n -> n)
        .sizes(4)
        .inFreshJvms(cases)
        .check();
  }

  @Test
  void aKernelThatDependsOnTheOrderIsCaught() {
    JitGuard guard = guard(JitControls.Bistable.class);
    guard.orders(
        Width.NATIVE,
        List.of(
            new Order(1, "LONG_FIRST", false, false),
            new Order(2, "LONG_FIRST", true, false),
            new Order(4, "SHORT_FIRST", false, false)));
    assertThat(guard.findings())
        .anySatisfy(
            finding -> {
              assertThat(finding.kind()).isEqualTo(Kind.BISTABLE);
              assertThat(finding.name()).isEqualTo("bistable on purpose");
              assertThat(finding.detail())
                  .contains("SHORT_FIRST")
                  .contains("the median of the other");
            });
  }

  @Test
  void aKernelThatStallsAtItsFirstRemainderIsCaughtAndARightOneIsNot() {
    assumeTrue(Lanegrad.lanes() > 1, "lanes are off: the branch costs nothing");
    JitGuard guard = guard(JitControls.Stalling.class);
    guard.changes(Width.NATIVE, true);
    List<JitFinding> stalls =
        guard.findings().stream().filter(f -> f.kind() == Kind.STALLS).toList();
    assertThat(stalls)
        .as(log.toString())
        .anySatisfy(
            finding -> {
              assertThat(finding.name()).isEqualTo("stalling on purpose");
              assertThat(finding.size()).isEqualTo("n=4096 → n=4099");
              assertThat(finding.detail()).contains("in the first 20 ms");
            });
    assertThat(stalls).noneMatch(finding -> finding.name().equals("right"));
  }
}
