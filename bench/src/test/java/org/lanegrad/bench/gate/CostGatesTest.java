package org.lanegrad.bench.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Both gates hold for every op of the catalog. */
@Isolated // it measures
class CostGatesTest {
  private static final int QUICK = 7;

  @Test
  void everyBackwardPassIsOfTheOrderOfItsForwardPass() {
    PrintWriter console = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    List<CostGates.Cost> costs = new CostGates(console, QUICK).run();
    assertThat(costs).hasSizeGreaterThanOrEqualTo(50);
    assertThat(costs).filteredOn(cost -> !cost.work().passes()).as("too much work").isEmpty();
    assertThat(costs)
        .filteredOn(cost -> cost.time().verdict() == Verdict.ABOVE)
        .as("too much time")
        .isEmpty();
  }
}
