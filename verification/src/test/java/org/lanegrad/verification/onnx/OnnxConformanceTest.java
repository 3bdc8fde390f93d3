package org.lanegrad.verification.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Our kernels give what ONNX's own node tests expect, wherever those are at hand. */
class OnnxConformanceTest {
  /** A TensorProto of dims 2, type float, raw data (1, −2). */
  private static final byte[] TENSOR = {
    0x08, 0x02, 0x10, 0x01, 0x4A, 0x08, 0, 0, (byte) 0x80, 0x3F, 0, 0, 0, (byte) 0xC0
  };

  private static List<OnnxCase> cases() throws IOException {
    Path folder = Path.of(System.getProperty("lanegrad.data", ""), "onnx-node");
    assumeTrue(
        Files.isDirectory(folder),
        "ONNX's node tests are not there: -Dlanegrad.data=… names the folder that holds onnx-node");
    try (Stream<Path> folders = Files.list(folder)) {
      return folders.sorted().map(OnnxConformanceTest::read).toList();
    }
  }

  private static OnnxCase read(Path folder) {
    try {
      return OnnxCase.read(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What this library has no operator for; a case that lands here fails the test by its name. */
  private static final List<String> NOT_COVERED = List.of();

  @Test
  void everyCaseGivesWhatOnnxExpects() throws IOException {
    Path results = Path.of(System.getProperty("lanegrad.target"), "onnx-conformance.properties");
    Files.deleteIfExists(results);
    List<OnnxCase> cases = cases();
    List<String> uncovered = new ArrayList<>();
    for (OnnxCase c : cases) {
      Optional<List<float[]>> actual = run(c);
      if (actual.isEmpty()) {
        uncovered.add(c.name());
        continue;
      }
      assertThat(actual.get()).as(c.name()).hasSameSizeAs(c.outputs());
      for (int o = 0; o < c.outputs().size(); o++) {
        agrees(c, c.outputs().get(o).values(), actual.get().get(o));
      }
    }
    Files.writeString(
        results,
        String.format(
            Locale.ROOT,
            "cases=%d\npassed=%d\nuncovered=%s\n",
            cases.size(),
            cases.size() - uncovered.size(),
            String.join(" ", uncovered)));
    assertThat(uncovered).isEqualTo(NOT_COVERED);
    assertThat(cases).hasSize(95);
  }

  private static Optional<List<float[]>> run(OnnxCase c) {
    return OnnxActivations.run(c)
        .map(List::of)
        .or(() -> OnnxRows.run(c))
        .or(() -> OnnxClassification.run(c))
        .or(() -> OnnxTraining.run(c));
  }

  private static void agrees(OnnxCase c, float[] expected, float[] actual) {
    assertThat(actual).as(c.name()).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) Math.abs(actual[i] - expected[i]))
          .as("%s, element %d: %s, expected %s", c, i, actual[i], expected[i])
          .isLessThanOrEqualTo(1e-6 + 1e-5 * Math.abs(expected[i]));
    }
  }

  @Test
  void tensorsAreReadAsTheyAreWritten() {
    OnnxCase.Tensor tensor = OnnxCase.tensor(TENSOR);
    assertThat(tensor.shape()).containsExactly(2);
    assertThat(tensor.values()).containsExactly(1f, -2f);
  }

  @Test
  void theDefaultsAreThoseOfTheOperators() {
    OnnxCase.Tensor x = OnnxCase.tensor(TENSOR);
    for (String operator : List.of("Elu", "Celu")) {
      OnnxCase c = new OnnxCase("default", operator, Map.of(), List.of(x), List.of());
      assertThat(OnnxActivations.run(c).orElseThrow()[1])
          .isEqualTo((float) Math.expm1(-2), within(1e-7f));
    }
    OnnxCase clip = new OnnxCase("clip", "Clip", Map.of(), List.of(x), List.of());
    assertThat(OnnxActivations.run(clip).orElseThrow()).containsExactly(1f, -2f);
    OnnxCase hard = new OnnxCase("hs", "HardSigmoid", Map.of(), List.of(x), List.of());
    assertThat(OnnxActivations.run(hard).orElseThrow())
        .containsExactly(new float[] {0.7f, 0.1f}, within(1e-7f));
    OnnxCase none = new OnnxCase("none", "MatMul", Map.of(), List.of(x), List.of());
    assertThat(OnnxActivations.run(none)).isEmpty();
  }
}
