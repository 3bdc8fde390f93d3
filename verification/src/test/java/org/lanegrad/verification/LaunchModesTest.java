package org.lanegrad.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.lanegrad.verification.catalog.OpCatalog;

/**
 * The same jar in JVMs that were started in other ways: always right, lanes where there are any.
 */
class LaunchModesTest {
  private static final String LOG = "Lanegrad runs its scalar loops: ";

  /** What the started JVMs run: the whole catalog. */
  static final class AllOps {
    private AllOps() {}

    /** Prints a line an op, and whether the JVM has lanes. */
    public static void main(String[] args) {
      System.out.println("lanes " + org.lanegrad.Lanegrad.lanes());
      OpCatalog.all().stream()
          .flatMap(op -> new OpVerifier(op, 3).verify().stream())
          .forEach(result -> System.out.println((result.passes() ? "PASS " : "FAIL ") + result));
    }
  }

  @Test
  void withoutTheModuleTheScalarLoopsAreRightAndOneLineSaysWhy() throws Exception {
    String output = run(onClassPath(AllOps.class));
    assertAllPass(output);
    assertThat(output).contains("lanes 1");
    assertThat(output).contains(LOG + "the module jdk.incubator.vector is not there");
    assertThat(output).contains("--add-modules jdk.incubator.vector");
    assertThat(output.split(LOG, -1)).hasSize(2);
  }

  @Test
  void underAJitWithoutVectorsTheScalarLoopsRun() throws Exception {
    String output =
        run(
            onClassPath(
                AllOps.class, "--add-modules=jdk.incubator.vector", "-XX:TieredStopAtLevel=1"));
    assertAllPass(output);
    assertThat(output).contains("lanes 1").contains(LOG + "this JVM runs without its C2 compiler");
  }

  @Test
  void withTheModuleThereAreLanesAndNoLine() throws Exception {
    String output = run(onClassPath(AllOps.class, "--add-modules=jdk.incubator.vector"));
    assertAllPass(output);
    assertThat(output).doesNotContain(LOG).doesNotContain("lanes 1\n");
  }

  @Test
  void narrowVectorsAreRightToo() throws Exception {
    String output =
        run(
            onClassPath(
                AllOps.class, "--add-modules=jdk.incubator.vector", "-XX:MaxVectorSize=16"));
    assertAllPass(output);
    assertThat(output).contains("lanes 4");
  }

  @Test
  void onTheModulePathNoFlagIsNeeded() throws Exception {
    String kernels = Path.of(System.getProperty("lanegrad.kernels.classes")).toString();
    String output =
        run(
            List.of(
                java(),
                "--module-path",
                kernels,
                "--add-modules",
                "org.lanegrad.kernels",
                "--describe-module",
                "org.lanegrad.kernels"));
    assertThat(output).contains("requires jdk.incubator.vector").contains("exports org.lanegrad");
  }

  private static void assertAllPass(String output) {
    assertThat(output).doesNotContain("FAIL").doesNotContain("Exception");
    long passed = output.lines().filter(line -> line.startsWith("PASS")).count();
    assertThat(passed).isGreaterThan(50);
  }

  private static List<String> onClassPath(Class<?> main, String... flags) {
    List<String> command = new ArrayList<>(List.of(java(), "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.addAll(List.of(flags));
    command.add(main.getName());
    return command;
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private static String run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }
}
