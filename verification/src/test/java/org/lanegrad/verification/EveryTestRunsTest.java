package org.lanegrad.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Surefire passes over classes that its includes don't name: none may hold a test. */
class EveryTestRunsTest {
  @Test
  void everyFileWithTestsIsNamedAsTheBuildExpects() throws IOException {
    Path root = Path.of(System.getProperty("lanegrad.kernels.classes")).resolve("../../..");
    try (Stream<Path> files = Files.walk(root.normalize(), 12)) {
      List<Path> tests =
          files
              .filter(f -> f.toString().contains("/src/test/java/"))
              .filter(f -> f.toString().endsWith(".java"))
              .filter(EveryTestRunsTest::holdsTests)
              .toList();
      assertThat(tests).hasSizeGreaterThanOrEqualTo(24);
      assertThat(tests).allMatch(f -> f.toString().endsWith("Test.java"));
    }
  }

  private static boolean holdsTests(Path file) {
    try {
      return Files.readAllLines(file).stream()
          .map(String::strip)
          .anyMatch(
              line ->
                  line.equals("@Test")
                      || line.equals("@ParameterizedTest")
                      || line.startsWith("@Property"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
