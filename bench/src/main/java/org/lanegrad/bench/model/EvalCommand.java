package org.lanegrad.bench.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.lanegrad.Matrix;
import org.lanegrad.bench.data.DataFile;
import org.lanegrad.bench.data.DataSet;
import org.lanegrad.loss.SoftmaxCrossEntropy;
import org.lanegrad.reduction.Reductions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tries a model on labelled rows. */
@Command(
    name = "eval",
    description = "Tries an ONNX model on labelled rows: share of right answers, by class too.",
    footer = {"", "Example:", "  lanegrad eval digits.onnx --data=optdigits.tes"},
    mixinStandardHelpOptions = true)
public final class EvalCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = "an ONNX file")
  private Path file;

  @Mixin private DataOptions data = new DataOptions();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    LoadedModel loaded = LoadedModel.read(file);
    DataSet set = DataFile.labelled(data.data, data.labels);
    Matrix scores = loaded.scores(data.data, set);
    int classes = Math.max(set.classes(), scores.columns());
    int[] answers = new int[set.size()];
    Reductions.argmax(scores, answers);
    int[] all = new int[classes];
    int[] right = new int[classes];
    int sum = 0;
    for (int i = 0; i < answers.length; i++) {
      all[set.labels()[i]]++;
      if (answers[i] == set.labels()[i]) {
        right[answers[i]]++;
        sum++;
      }
    }
    var out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "%.2f %% of %d examples right%n",
        100.0 * sum / answers.length,
        answers.length);
    if (set.classes() <= scores.columns()) {
      out.printf(
          Locale.ROOT, "cross-entropy %.4f%n", SoftmaxCrossEntropy.loss(scores, set.labels()));
    }
    for (int c = 0; c < classes && classes <= 100; c++) {
      if (all[c] > 0) {
        out.printf(Locale.ROOT, "class %d: %d of %d%n", c, right[c], all[c]);
      }
    }
    out.flush();
    return 0;
  }
}
