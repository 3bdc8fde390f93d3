package org.lanegrad.bench.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.lanegrad.bench.network.NetworkJob.Line;

/** Gradients of networks cost a constant times their forward pass, however deep and wide. */
@Isolated // it counts, for the whole JVM
class NetworkJobTest {
  private final StringWriter text = new StringWriter();

  @Test
  void theWorkOfAllThatIsMadeOfGradientsIsFlatOverDepthAndWidth() {
    NetworkJob job = new NetworkJob(new PrintWriter(text, true), 1);
    List<Line> lines = new ArrayList<>();
    for (int depth : new int[] {1, 2, 4, 8, 16}) {
      lines.add(job.measure(depth, 64));
    }
    for (int width : new int[] {16, 32, 128, 256}) {
      lines.add(job.measure(2, width));
    }
    for (Line line : lines) {
      assertThat(work(line, "gradient")).as("%s", line).isBetween(2.0, 3.3);
      assertThat(work(line, "Hessian · v")).as("%s", line).isBetween(3.0, 9.0);
      assertThat(work(line, "gradient penalty")).as("%s", line).isBetween(3.0, 9.0);
      assertThat(work(line, "singular value")).as("%s", line).isBetween(2.0, 6.0);
      assertThat(line.passes()).allSatisfy(pass -> assertThat(pass.time()).isPositive());
    }
  }

  private static double work(Line line, String pass) {
    return line.passes().stream().filter(p -> p.name().equals(pass)).findAny().orElseThrow().work();
  }
}
