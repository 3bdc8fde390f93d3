package org.lanegrad.bench.model;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.lanegrad.Matrix;
import org.lanegrad.bench.data.DataFile;
import org.lanegrad.bench.data.DataSet;
import org.lanegrad.reduction.Reductions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a model on rows. */
@Command(
    name = "infer",
    description = "Runs an ONNX model on rows; writes CSV: the best class, then all scores.",
    footer = {"", "Example:", "  lanegrad infer digits.onnx --data=new.csv --out=answers.csv"},
    mixinStandardHelpOptions = true)
public final class InferCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = "an ONNX file")
  private Path file;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "FILE",
      description = "a row for each example, without labels")
  private Path data;

  @Option(names = "--out", paramLabel = "FILE", description = "where it goes (default: here)")
  private Path out;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (out != null) {
      TrainCommand.requireWritable(out);
    }
    LoadedModel loaded = LoadedModel.read(file);
    DataSet set = DataFile.unlabelled(data);
    Matrix scores = loaded.scores(data, set);
    if (out == null) {
      PrintWriter console = spec.commandLine().getOut();
      write(scores, console);
      console.flush();
    } else {
      try (BufferedWriter to = Files.newBufferedWriter(out, StandardCharsets.UTF_8)) {
        write(scores, to);
      }
    }
    return 0;
  }

  private static void write(Matrix scores, Writer to) throws IOException {
    int[] answers = new int[scores.rows()];
    Reductions.argmax(scores, answers);
    to.write("class");
    for (int j = 0; j < scores.columns(); j++) {
      to.write(",score" + j);
    }
    to.write('\n');
    for (int i = 0; i < scores.rows(); i++) {
      to.write(Integer.toString(answers[i]));
      for (int j = 0; j < scores.columns(); j++) {
        to.write("," + scores.get(i, j));
      }
      to.write('\n');
    }
  }
}
