package org.lanegrad.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.lanegrad.check.Check;

/**
 * All that a training goes on from, in one file of the {@link SafeTensors} format: the parameters
 * under their names, the optimizer's state, step, seed and settings.
 *
 * <p>A file is written beside its place, forced to the disk and moved there, so that there is a
 * whole one at whatever moment the machine stops; a training resumed from it has the same bits as
 * one that was never stopped. Schedule and clipping are not in the file: the trainer must be built
 * with those of before.
 */
public final class Checkpoint {
  /** What follows a parameter's name in that of its state. */
  static final String STATE = "#state";

  private static final String FORMAT = "lanegrad checkpoint 1";

  /** What a process that was killed leaves beside the checkpoints. */
  private static final Pattern PARTIAL =
      Pattern.compile("\\.step-\\d{12}\\.safetensors\\..*\\.partial");

  private static final Pattern NAME = Pattern.compile("step-(\\d{12})\\.safetensors");

  private Checkpoint() {}

  /**
   * Saves a trainer as it is between two steps, and deletes all but the latest checkpoints.
   *
   * @param folder is made if it is not there; holds the checkpoints of one training
   * @param keep how many to keep, 1 or more
   * @return the file
   * @throws IllegalArgumentException if the folder has a checkpoint of a later step
   */
  public static Path save(Path folder, Trainer trainer, int keep) throws IOException {
    Check.notNull("folder", folder, "a Path");
    Check.notNull("trainer", trainer, "a Trainer");
    if (keep < 1) {
      throw new IllegalArgumentException("keep is " + keep + ", expected 1 or more");
    }
    Files.createDirectories(folder);
    List<Path> before = files(folder);
    String name = String.format(Locale.ROOT, "step-%012d.safetensors", trainer.steps());
    if (!before.isEmpty() && before.get(0).getFileName().toString().compareTo(name) > 0) {
      throw new IllegalArgumentException(
          before.get(0)
              + " is of a later step than "
              + trainer.steps()
              + ", expected a folder without checkpoints of another course of training");
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", FORMAT);
    metadata.put("step", Long.toString(trainer.steps()));
    metadata.putAll(trainer.settings());
    Path file = folder.resolve(name);
    SafeTensors.write(file, trainer.state(), metadata);
    for (Path partial : named(folder, PARTIAL)) {
      Files.deleteIfExists(partial);
    }
    List<Path> files = files(folder);
    for (Path old : files.subList(Math.min(keep, files.size()), files.size())) {
      Files.deleteIfExists(old);
    }
    return file;
  }

  /** The checkpoints in a folder, the latest step first. */
  public static List<Path> files(Path folder) throws IOException {
    Check.notNull("folder", folder, "a Path");
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Path> files = named(folder, NAME);
    files.sort((a, b) -> b.getFileName().toString().compareTo(a.getFileName().toString()));
    return files;
  }

  private static List<Path> named(Path folder, Pattern name) throws IOException {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> all = Files.list(folder)) {
      all.filter(file -> name.matcher(file.getFileName().toString()).matches()).forEach(files::add);
    }
    return files;
  }

  /**
   * Brings a trainer to where a checkpoint was taken.
   *
   * @throws MalformedFileException if the file is no checkpoint, or not what it says
   * @throws IllegalArgumentException if it is of another network or another training; the first
   *     difference is named, and nothing is changed
   */
  public static void restore(Path file, Trainer trainer) throws IOException {
    Check.notNull("trainer", trainer, "a Trainer");
    SafeTensors saved = SafeTensors.read(file);
    Map<String, String> metadata = saved.metadata();
    if (!FORMAT.equals(metadata.get("format"))) {
      throw new MalformedFileException(
          file, "its format is " + metadata.get("format") + ", expected " + FORMAT);
    }
    Matcher step = Pattern.compile("\\d{1,18}").matcher(metadata.getOrDefault("step", ""));
    if (!step.matches()) {
      throw new MalformedFileException(
          file, "its step is " + metadata.get("step") + ", expected a number");
    }
    trainer
        .settings()
        .forEach(
            (name, expected) -> {
              if (!expected.equals(metadata.get(name))) {
                throw new IllegalArgumentException(
                    file + ": " + name + " is " + metadata.get(name) + ", expected " + expected);
              }
            });
    saved.copyTo(trainer.state());
    trainer.resumeAt(Long.parseLong(step.group()));
  }

  /**
   * Brings a trainer to the latest checkpoint of a folder, if there is one.
   *
   * @return the file; null if there is none, and the training begins at its beginning
   */
  public static Path restoreLatest(Path folder, Trainer trainer) throws IOException {
    List<Path> files = files(folder);
    if (files.isEmpty()) {
      return null;
    }
    restore(files.get(0), trainer);
    return files.get(0);
  }
}
