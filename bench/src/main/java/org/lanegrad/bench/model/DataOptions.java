package org.lanegrad.bench.model;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where examples are. */
final class DataOptions {
  @Option(
      names = "--data",
      required = true,
      paramLabel = "FILE",
      description = "a row for each example: CSV, IDX or NPY, gzipped or not")
  Path data;

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description = "a label for each example, if it is not the last column of --data")
  Path labels;
}
