package org.lanegrad.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lanegrad.bench.machine.MachineInfo;
import org.lanegrad.bench.network.NetworkJob;
import org.lanegrad.bench.network.SpiralJob;

/** The files of a report that nothing was measured for: what stands in which of them. */
class ReportFilesTest {
  @TempDir private Path folder;

  private static Report report() {
    String half = "0".repeat(SpiralJob.SIDE / 2) + "2".repeat(SpiralJob.SIDE / 2);
    return new Report(
        new MachineInfo("a CPU", 2, "a JDK", List.of(), "a commit", "16 lanes"),
        new Report.Limits(200, Map.of(24_576L, 100.0, 98_304L, 50.0)),
        List.of(),
        List.of(),
        new Report.Conformance(0, 0, List.of()),
        List.of(),
        List.of(),
        List.of(),
        List.of(
            new NetworkJob.Line(4, 128, 12.5, List.of(new NetworkJob.Pass("gradient", 3.25, 2.5)))),
        List.of(new SpiralJob.Line(20, 1e-3f, 0.987, half.repeat(SpiralJob.SIDE))),
        new Report.DigitsRow("drawn", 10, 5, 0.5, 1, 1000));
  }

  @Test
  void networksAndSpiralsStandInAllOfThem() throws IOException {
    ReportFiles.write(report(), folder);
    JsonNode json = new ObjectMapper().readTree(folder.resolve("results.json").toFile());
    assertThat(json.at("/networks/0/passes/0/time").asDouble()).isEqualTo(3.25);
    assertThat(json.at("/spirals/0/hidden").asInt()).isEqualTo(20);
    assertThat(folder.resolve("report.md"))
        .content()
        .contains("| layers | width | forward µs | gradient | work |")
        .contains("| 4 | 128 | 12.5 | 3.25 | 2.50 |")
        .contains("| 20 | 0.001 | 98.7 % |");
    assertThat(folder.resolve("index.html")).content().contains("<td>98.7 %</td>");
  }

  @Test
  void theBordersOfSpiralsAreDrawn() throws IOException {
    ReportFiles.write(report(), folder);
    Path file = folder.resolve("spirals.png");
    assumeTrue(Files.exists(file), "Java has no fonts here, and draws nothing");
    BufferedImage image = ImageIO.read(file.toFile());
    // beside the points, which end at a radius of 1: red on the left, blue on the right
    int bottom = image.getHeight() - 3;
    int left = image.getRGB(2, bottom);
    int right = image.getRGB(2 * SpiralJob.SIDE - 3, bottom);
    assertThat(left >> 16 & 255).isGreaterThan(left & 255);
    assertThat(right & 255).isGreaterThan(right >> 16 & 255);
  }
}
