package org.lanegrad.bench.digits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.parallel.ExecutionMode.CONCURRENT;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.lanegrad.bench.data.DataSet;
import org.lanegrad.bench.model.Layer;

@Execution(CONCURRENT)
class DigitsJobTest {
  private final StringWriter text = new StringWriter();

  @Test
  void learnsDrawnDigitsAndTheSameSeedGivesTheSameResult() throws IOException {
    DigitsJob.Result first = job(5).run(null);
    assertThat(first.accuracy()).isGreaterThan(0.95);
    assertThat(first.gradCheck().passes()).isTrue();
    assertThat(first.gradCheck().checked()).isGreaterThan(150);
    assertThat(job(5).run(null).accuracy()).isEqualTo(first.accuracy());
    assertThat(text.toString()).contains("epoch  1 of 60").contains("test accuracy");
  }

  @Test
  void learnsRealDigitsWhereTheyArePresent() throws IOException {
    Path data = Path.of(System.getProperty("lanegrad.data", ""), "optdigits");
    assumeTrue(
        Files.isDirectory(data),
        "the UCI digits are not there: -Dlanegrad.data=… names the folder that holds optdigits");
    DigitsJob.Result result = job(1).run(data);
    assertThat(result.accuracy()).isGreaterThanOrEqualTo(0.97);
    assertThat(result.seconds()).isLessThan(60);
  }

  @Test
  void anyActivationLearns() throws IOException {
    DigitsJob.Result result = new DigitsJob(new PrintWriter(text, true), 2, Layer.MISH).run(null);
    assertThat(result.accuracy()).isGreaterThan(0.95);
    assertThat(text.toString()).contains("hidden units with mish");
  }

  @Test
  void drawnDigitsLookAsTheFilesDo() {
    DataSet digits = DigitsGenerator.draw(50, 3);
    assertThat(digits.labels()).contains(0, 9).hasSize(50);
    for (float pixel : digits.rows().array()) {
      assertThat(pixel).isBetween(0f, 1f);
      assertThat(pixel * 16).isEqualTo(Math.round(pixel * 16));
    }
    assertThat(DigitsGenerator.draw(50, 3).rows().array()).isEqualTo(digits.rows().array());
    assertThat(DigitsGenerator.draw(50, 4).rows().array()).isNotEqualTo(digits.rows().array());
  }

  @Test
  void aFolderWithoutTheFilesIsRefused(@TempDir Path empty) {
    assertThatThrownBy(() -> job(1).run(empty))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("optdigits.tra: no such file");
  }

  private DigitsJob job(long seed) {
    return new DigitsJob(new PrintWriter(text, true), seed);
  }
}
