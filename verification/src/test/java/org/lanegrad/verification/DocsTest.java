package org.lanegrad.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.parallel.ExecutionMode.CONCURRENT;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;

/**
 * The README and the pages: each program compiles, runs and prints what the page says it prints.
 */
class DocsTest {
  private static final Pattern PROGRAM =
      Pattern.compile(
          "```java\\n(.*?void main\\(\\).*?)```\\n\\n```text\\n(.*?)```", Pattern.DOTALL);
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)\\)");

  @TempDir private Path folder;

  private static Path root() {
    Path here = Path.of("").toAbsolutePath();
    return Files.exists(here.resolve("README.md")) ? here : here.getParent();
  }

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(root().resolve("README.md")));
    for (String module : List.of("kernels", "verification", "bench")) {
      try (Stream<Path> files = Files.list(root().resolve(module).resolve("docs"))) {
        files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
      }
    }
    return pages;
  }

  @TestFactory
  @Execution(CONCURRENT)
  Stream<DynamicTest> everyProgramPrintsWhatThePageSays() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path page : pages()) {
      Matcher program = PROGRAM.matcher(Files.readString(page));
      while (program.find()) {
        String source = program.group(1);
        String printed = program.group(2);
        String name = page.getFileName() + ", program " + (tests.size() + 1);
        tests.add(DynamicTest.dynamicTest(name, () -> runs(name, source, printed)));
      }
    }
    assertThat(tests).hasSizeGreaterThanOrEqualTo(6);
    return tests.stream();
  }

  private void runs(String name, String source, String printed) throws Exception {
    Path file = Files.writeString(folder.resolve("Main" + name.hashCode() + ".java"), source);
    String classPath =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .reduce((a, b) -> a + File.pathSeparator + b)
            .orElseThrow();
    Path log = folder.resolve(file.getFileName() + ".log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--class-path=" + classPath,
                "-Dstdout.encoding=UTF-8",
                file.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).as(name).isTrue();
    String output = Files.readString(log, StandardCharsets.UTF_8);
    assertThat(process.exitValue()).as("%s: %s", name, output).isZero();
    for (String line : printed.lines().toList()) {
      assertThat(output).as(name).contains(line.stripTrailing());
    }
  }

  @Test
  void everyLinkOfAPageLeadsToAFile() throws IOException {
    int links = 0;
    for (Path page : pages()) {
      Matcher link = LINK.matcher(Files.readString(page));
      while (link.find()) {
        assertThat(page.resolveSibling(link.group(1))).as("link of %s", page).exists();
        links++;
      }
    }
    assertThat(links).isGreaterThan(4);
  }
}
