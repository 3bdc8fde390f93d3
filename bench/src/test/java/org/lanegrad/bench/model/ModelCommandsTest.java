package org.lanegrad.bench.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.parallel.ExecutionMode.CONCURRENT;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.lanegrad.bench.Main;
import org.lanegrad.model.SafeTensors;
import picocli.CommandLine;

/** From a table to answers, as somebody does at a terminal. */
@Execution(CONCURRENT)
class ModelCommandsTest {
  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path data;
  private Path model;

  @BeforeEach
  void write() throws IOException {
    // three classes around three points
    SplittableRandom random = new SplittableRandom(1);
    StringBuilder rows = new StringBuilder("x,y,noise,class\n");
    for (int i = 0; i < 300; i++) {
      int c = i % 3;
      rows.append(c == 0 ? 0 : 100).append(random.nextInt(10)).append(',');
      rows.append((c == 1 ? 5 : 0) + random.nextDouble()).append(',');
      rows.append(random.nextDouble()).append(',').append(c).append('\n');
    }
    data = Files.writeString(folder.resolve("points.csv"), rows);
    model = folder.resolve("points.onnx");
  }

  private int run(Object... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(
        java.util.Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new));
  }

  @Test
  void aTableBecomesAModelThatAnswers() throws IOException {
    assertThat(
            run(
                "train",
                "--data=" + data,
                "--out=" + model,
                "--layers=16,8",
                "--activation=tanh",
                "--dropout=0.1",
                "--epochs=30",
                "--threads=2",
                "--batch=32"))
        .as("%s", err)
        .isZero();
    assertThat(out.toString())
        .contains("270 examples to learn from and 30 to try on, 3 columns, 3 classes")
        .contains("the gradients are those of the loss")
        .contains("epoch 30 of 30: loss 0.")
        .contains("100 %, 0 s left")
        .contains("wrote " + model);

    assertThat(run("eval", model, "--data=" + data)).as("%s", err).isZero();
    assertThat(out.toString())
        .containsPattern("(99\\.|100\\.)\\d\\d % of 300 examples right")
        .contains("cross-entropy 0.0")
        .contains("class 2: ");

    Path unlabelled = folder.resolve("new.csv");
    Files.writeString(unlabelled, "3,0.5,0.1\n1005,5.5,0.1\n1003,0.2,0.9\n");
    assertThat(run("infer", model, "--data=" + unlabelled)).as("%s", err).isZero();
    List<String> answers = out.toString().lines().toList();
    assertThat(answers.get(0)).isEqualTo("class,score0,score1,score2");
    assertThat(answers.subList(1, 4))
        .extracting(line -> line.charAt(0))
        .containsExactly('0', '1', '2');

    Path tensors = folder.resolve("points.safetensors");
    assertThat(run("convert", model, tensors)).as("%s", err).isZero();
    assertThat(out.toString()).contains("w1: 3 × 16");
    assertThat(SafeTensors.read(tensors).names()).contains("w1", "b1", "w3", "b3");

    assertThat(run("bench-model", model, "--batches=1,8", "--rounds=3")).as("%s", err).isZero();
    assertThat(out.toString())
        .contains("warm after")
        .containsPattern("batch 8 +Lanegrad +[\\d.]+ µs");
  }

  @Test
  void aTrainingGoesOnFromItsCheckpointsToTheSameModel() throws IOException {
    Path straight = folder.resolve("straight.onnx");
    run("train", "--data=" + data, "--out=" + straight, "--epochs=4");
    Path checkpoints = folder.resolve("run");
    run("train", "--data=" + data, "--out=" + model, "--epochs=4", "--checkpoints=" + checkpoints);
    assertThat(out.toString()).contains("no checkpoint yet");
    assertThat(Files.readAllBytes(model)).isEqualTo(Files.readAllBytes(straight));
    try (var files = Files.list(checkpoints)) {
      // two epochs back
      Path latest = files.sorted().toList().get(2);
      Files.delete(latest);
    }
    Files.delete(model);
    run("train", "--data=" + data, "--out=" + model, "--epochs=4", "--checkpoints=" + checkpoints);
    assertThat(out.toString()).contains("goes on from ").doesNotContain("epoch 3 of 4");
    assertThat(Files.readAllBytes(model)).isEqualTo(Files.readAllBytes(straight));
  }

  @Test
  void aTrainingThatIsInterruptedLeavesACheckpointAndTheModel() throws Exception {
    assumeTrue(!System.getProperty("os.name").startsWith("Windows"), "there is no SIGTERM");
    Path checkpoints = folder.resolve("interrupted");
    Path log = folder.resolve("log");
    Process training =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "train",
                "--data=" + data,
                "--out=" + model,
                "--epochs=1000000",
                "--checkpoints=" + checkpoints)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    long end = System.nanoTime() + 60_000_000_000L;
    while (!Files.readString(log).contains("epoch 2 of") && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    training.destroy();
    assertThat(training.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(log)).contains("stopped; wrote " + model);
    assertThat(run("eval", model, "--data=" + data)).as("%s", err).isZero();
    try (var files = Files.list(checkpoints)) {
      assertThat(files).isNotEmpty();
    }
  }

  @Test
  void patienceEndsATrainingEarly() {
    run("train", "--data=" + data, "--out=" + model, "--epochs=1000", "--patience=3");
    assertThat(out.toString()).contains("the best epoch was ").doesNotContain("epoch 900");
  }

  private void refused(String message, Object... arguments) {
    assertThat(run(arguments)).as("%s", out).isEqualTo(2);
    assertThat(err.toString()).contains(message).doesNotContain("\tat ");
  }

  @Test
  void whatIsWrongIsAnsweredInOneSentenceBeforeAnyWork() throws IOException {
    refused("Missing required option", "train", "--data=" + data);
    refused(
        "--epochs is 0, expected 1 or more",
        "train",
        "--data=" + data,
        "--out=" + model,
        "--epochs=0");
    refused("--layers is [0], expected", "train", "--data=" + data, "--out=" + model, "--layers=0");
    refused(
        "\"rleu\" is none of [relu",
        "train",
        "--data=" + data,
        "--out=" + model,
        "--activation=rleu");
    refused("no/such/m.onnx can't be written", "train", "--data=" + data, "--out=no/such/m.onnx");
    refused("nothing.csv: no such file", "train", "--data=nothing.csv", "--out=" + model);
    refused("nothing.onnx", "eval", "nothing.onnx", "--data=" + data);
    refused("points.csv", "eval", data, "--data=" + data);
    Files.writeString(folder.resolve("bad.csv"), "1,2\n3,x\n");
    refused("line 2, column 2", "train", "--data=" + folder.resolve("bad.csv"), "--out=" + model);
    assertThat(model).doesNotExist();
    run("train", "--data=" + data, "--out=" + model, "--epochs=1");
    Files.writeString(folder.resolve("narrow.csv"), "1,2,0\n");
    refused(
        "it has 2 columns, and the model reads 3",
        "eval",
        model,
        "--data=" + folder.resolve("narrow.csv"));
    refused("it has 4 columns, and the model reads 3", "infer", model, "--data=" + data);
  }

  @Test
  void everyCommandHelps() {
    for (String command : Main.commandLine().getSubcommands().keySet()) {
      assertThat(run(command, "--help")).as(command).isZero();
      assertThat(out.toString()).contains("Usage: lanegrad " + command);
    }
  }
}
