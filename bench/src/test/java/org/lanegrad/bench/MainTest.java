package org.lanegrad.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class MainTest {
  private final StringWriter errors = new StringWriter();

  private int run(String... arguments) {
    CommandLine commandLine = Main.commandLine();
    commandLine.setErr(new PrintWriter(errors, true));
    commandLine.setOut(new PrintWriter(new StringWriter(), true));
    return commandLine.execute(arguments);
  }

  @Test
  void aMissingCommandIsAnErrorThatNamesTheCommands() {
    assertThat(run()).isEqualTo(2);
    assertThat(errors.toString())
        .contains(
            "expected one of train, eval, infer, convert, bench-model, report, digits, matmul,"
                + " activations, normalizations, networks, accuracy, gate, jit, machine,");
  }

  @Test
  void theMachineIsDescribedWithItsLimits() {
    StringWriter text = new StringWriter();
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(text, true));
    assertThat(commandLine.execute("machine")).isZero();
    assertThat(text.toString())
        .contains(" cores")
        .containsPattern("FMA peak of one core: [1-9]\\d* GFLOP/s")
        .containsPattern("24 kB at once: [1-9]\\d* GB/s")
        .contains("native libraries: ");
  }

  @Test
  void aFileThatIsNotThereIsSaidToBeSo() {
    for (String command : new String[] {"bench-model", "convert", "eval", "infer"}) {
      errors.getBuffer().setLength(0);
      String[] arguments =
          switch (command) {
            case "bench-model" -> new String[] {command, "none.onnx"};
            case "convert" -> new String[] {command, "none.onnx", "none.safetensors"};
            case "eval" -> new String[] {command, "none.onnx", "--data=none.csv"};
            default -> new String[] {command, "none.onnx", "--data=none.csv", "--out=none.out"};
          };
      assertThat(run(arguments)).isEqualTo(2);
      assertThat(errors.toString()).startsWith("error: none.").contains(": no such file");
    }
  }

  @Test
  void everyCommandSaysItsVersion() {
    StringWriter text = new StringWriter();
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(text, true));
    assertThat(commandLine.execute("--version")).isZero();
    assertThat(commandLine.execute("gate", "--version")).isZero();
    assertThat(text.toString().lines()).hasSize(2).allMatch(line -> line.startsWith("lanegrad "));
  }

  @Test
  void anUnknownOptionAndABadSeedAreErrors() {
    assertThat(run("digits", "--speed")).isEqualTo(2);
    assertThat(run("digits", "--seed=x")).isEqualTo(2);
    assertThat(errors.toString()).contains("--speed").contains("'x' is not a long");
  }

  @Test
  void anUnknownActivationIsAnErrorThatNamesThem() {
    assertThat(run("digits", "--activation=rleu")).isEqualTo(2);
    assertThat(errors.toString()).contains("\"rleu\" is none of [relu, leaky-relu");
  }

  @Test
  void aBrokenFileIsOneSentenceAndWritesNothing(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("optdigits.tra"), "1,2\n");
    Files.writeString(folder.resolve("optdigits.tes"), "");
    Path out = folder.resolve("report");
    assertThat(run("report", "--data=" + folder, "--out=" + out)).isEqualTo(2);
    assertThat(errors.toString())
        .startsWith("error: ")
        .contains("optdigits.tra: it has 1 pixels and 3 digits, expected 64 and at most 10")
        .doesNotContain("\tat ");
    assertThat(out).doesNotExist();
  }

  @Test
  void aMissingFolderIsNamed() {
    assertThat(run("digits", "--data=no/such/folder")).isEqualTo(2);
    assertThat(errors.toString()).contains("no/such/folder").contains("no such file");
  }
}
