package org.lanegrad.bench.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.parallel.ExecutionMode.CONCURRENT;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.lanegrad.bench.network.SpiralJob.Line;

/** Spirals, as in the lectures: capacity and regularization shape the border. */
@Execution(CONCURRENT)
class SpiralJobTest {
  private final StringWriter text = new StringWriter();

  @Test
  void moreUnitsTellMorePointsApartAndMoreRegularizationFewer() {
    List<Line> lines = new SpiralJob(new PrintWriter(text, true)).run();
    assertThat(lines).hasSize(5);
    assertThat(lines.get(0).accuracy()).isBetween(0.5, 0.9);
    assertThat(lines.get(2).accuracy()).isGreaterThan(0.97);
    assertThat(lines.get(2).accuracy()).isGreaterThan(lines.get(1).accuracy());
    assertThat(lines.get(1).accuracy()).isGreaterThan(lines.get(0).accuracy());
    assertThat(lines.get(4).accuracy()).isLessThan(lines.get(2).accuracy());
    for (Line line : lines) {
      assertThat(line.raster()).hasSize(SpiralJob.SIDE * SpiralJob.SIDE).matches("[012]+");
    }
    assertThat(text.toString()).contains("20 hidden units, λ = 0.001");
    assertThat(SpiralJob.train(3, 1e-3f)).isEqualTo(lines.get(0));
  }
}
