package org.lanegrad.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lanegrad.model.TrainerTest.Spirals;
import org.lanegrad.optimizer.Adam;

/**
 * A training that is killed at any moment goes on to the same bits. A few kills belong to each
 * build; the system property {@code lanegrad.kills} asks for more.
 */
class KilledTrainingTest {
  private static final int STEPS_IN_ALL = 1 << 20;

  @TempDir private Path folder;

  /** Trains and saves after every step, until it is killed. */
  static final class Training {
    private Training() {}

    public static void main(String[] arguments) throws IOException {
      Trainer trainer = trainer(new Spirals());
      Path folder = Path.of(arguments[0]);
      Checkpoint.restoreLatest(folder, trainer);
      while (trainer.steps() < STEPS_IN_ALL) {
        trainer.step();
        Checkpoint.save(folder, trainer, 3);
      }
    }

    static Trainer trainer(Spirals spirals) {
      return spirals.trainer(Optimizer.of(Adam.standard()), 1e-4f, 5);
    }
  }

  @Test
  void thereIsAlwaysAWholeCheckpointAndItResumesToTheSameBits()
      throws IOException, InterruptedException {
    SplittableRandom random = new SplittableRandom(System.nanoTime());
    Spirals whole = new Spirals();
    Trainer never = Training.trainer(whole);
    for (int kill = 0; kill < Integer.getInteger("lanegrad.kills", 3); kill++) {
      long least = never.steps();
      kill(random.nextInt(60), least);
      Spirals second = new Spirals();
      Trainer resumed = Training.trainer(second);
      assertThat(Checkpoint.restoreLatest(folder, resumed)).isNotNull();
      assertThat(resumed.steps()).isGreaterThan(least);
      Checkpoint.save(folder, resumed, 3);
      assertThat(Checkpoint.files(folder)).hasSizeLessThanOrEqualTo(3);
      try (Stream<Path> left = Files.list(folder)) {
        assertThat(left).noneMatch(file -> file.toString().endsWith(".partial"));
      }
      while (never.steps() < resumed.steps()) {
        never.step();
      }
      assertThat(second.weights()).as("after %d steps", never.steps()).isEqualTo(whole.weights());
    }
  }

  /** Kills it so many milliseconds after it has saved a step of its own. */
  private void kill(int millis, long after) throws IOException, InterruptedException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    List<String> command =
        new ArrayList<>(List.of(java.toString(), "--add-modules=jdk.incubator.vector"));
    // the same vectors: sums over lanes have the same bits on one width only
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("-XX:") || option.startsWith("-Dlanegrad"))
        .forEach(command::add);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            Training.class.getName(),
            folder.toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output").toFile())
            .start();
    try {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (!hasSaved(after)) {
        assertThat(process.isAlive()).as(() -> output()).isTrue();
        assertThat(System.nanoTime()).as(() -> output()).isLessThan(end);
        Thread.sleep(1);
      }
      Thread.sleep(millis);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private boolean hasSaved(long after) throws IOException {
    List<Path> files = Checkpoint.files(folder);
    if (files.isEmpty()) {
      return false;
    }
    String name = files.get(0).getFileName().toString();
    return Long.parseLong(name.substring(5, 17)) > after;
  }

  private String output() {
    try {
      return Files.readString(folder.resolve("output"));
    } catch (IOException e) {
      return e.toString();
    }
  }
}
