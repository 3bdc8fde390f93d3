package org.lanegrad.bench.model;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.lanegrad.bench.data.DataFile;
import org.lanegrad.bench.data.DataSet;
import org.lanegrad.model.Checkpoint;
import org.lanegrad.model.EarlyStopping;
import org.lanegrad.model.Evaluation;
import org.lanegrad.model.Examples;
import org.lanegrad.model.OnnxFile;
import org.lanegrad.model.Optimizer;
import org.lanegrad.model.Trainer;
import org.lanegrad.optimizer.Adam;
import org.lanegrad.optimizer.LearningRate;
import org.lanegrad.verification.gradcheck.GradCheck;
import org.lanegrad.verification.gradcheck.GradCheckReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Trains dense layers to tell classes apart, and writes them as ONNX. */
@Command(
    name = "train",
    description = "Trains dense layers on labelled rows and writes an ONNX file.",
    footer = {
      "",
      "Examples:",
      "  lanegrad train --data=optdigits.tra --out=digits.onnx",
      "  lanegrad train --data=train-images-idx3-ubyte.gz --labels=train-labels-idx1-ubyte.gz \\",
      "      --layers=256,128 --dropout=0.2 --epochs=20 --checkpoints=run1 --out=mnist.onnx"
    },
    mixinStandardHelpOptions = true)
public final class TrainCommand implements Callable<Integer> {
  private static final long PATIENCE_SECONDS = 10;

  @Mixin private DataOptions data = new DataOptions();

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "the ONNX file")
  private Path out;

  @Option(
      names = "--layers",
      split = ",",
      paramLabel = "SIZE",
      description = "sizes of the hidden layers (default: 128)")
  private List<Integer> layers = List.of(128);

  @Option(
      names = "--activation",
      description = "of the hidden layers: ${COMPLETION-CANDIDATES} (default: relu)")
  private Layer activation = Layer.RELU;

  @Option(names = "--epochs", description = "times that each example is met (default: 20)")
  private int epochs = 20;

  @Option(names = "--batch", description = "examples a step (default: 64)")
  private int batch = 64;

  @Option(names = "--rate", description = "learning rate of Adam, falls to 0 (default: 0.002)")
  private float rate = 2e-3f;

  @Option(names = "--dropout", description = "share of hidden units left out (default: 0)")
  private float dropout;

  @Option(names = "--l2", description = "weight of the penalty on weights (default: 0.0001)")
  private float l2 = 1e-4f;

  @Option(names = "--smoothing", description = "share of a label for all classes (default: 0)")
  private float smoothing;

  @Option(
      names = "--validation",
      description = "share of the examples that is kept apart to be tried on (default: 0.1)")
  private double validation = 0.1;

  @Option(
      names = "--patience",
      description = "epochs without a better validation before it stops (default: all)")
  private int patience = Integer.MAX_VALUE;

  @Option(
      names = "--checkpoints",
      paramLabel = "DIR",
      description = "saves after each epoch, and goes on from the latest that is there")
  private Path checkpoints;

  @Option(names = "--threads", description = "threads, each with a part of a batch (default: 1)")
  private int threads = 1;

  @Option(names = "--seed", description = "of weights, order and dropout (default: 1)")
  private long seed = 1;

  @Option(names = "--raw", description = "takes the inputs as they are, not standardized")
  private boolean raw;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    checkOptions();
    requireWritable(out);
    PrintWriter console = spec.commandLine().getOut();
    DataSet set = DataFile.labelled(data.data, data.labels);
    Classifier classifier =
        new Classifier(
            new Classifier.Settings(
                layers.stream().mapToInt(size -> size).toArray(),
                activation.activation(),
                dropout,
                l2,
                smoothing,
                seed),
            set.rows().columns(),
            set.classes(),
            raw ? null : set.rows());
    Examples all = Examples.of(classifier.x(), set.rows()).and(classifier.labels(), set.labels());
    Examples.Split split = all.split(1 - validation, seed);
    console.printf(
        Locale.ROOT,
        "%d examples to learn from and %d to try on, %d columns, %d classes, layers %s%n",
        split.first().count(),
        split.rest().count(),
        set.rows().columns(),
        set.classes(),
        layers.stream().map(String::valueOf).collect(Collectors.joining(", ")));
    ExecutorService executor = threads > 1 ? Executors.newFixedThreadPool(threads - 1) : null;
    try {
      return train(console, classifier, split, executor);
    } finally {
      if (executor != null) {
        executor.shutdownNow();
      }
    }
  }

  private void checkOptions() {
    require(layers.stream().allMatch(size -> size > 0), "--layers", layers, "1 or more each");
    require(epochs > 0, "--epochs", epochs, "1 or more");
    require(batch > 0, "--batch", batch, "1 or more");
    require(rate > 0 && rate < 1e6f, "--rate", rate, "a positive number");
    require(dropout >= 0 && dropout < 1, "--dropout", dropout, "0 or more, and less than 1");
    require(l2 >= 0 && l2 < 1e6f, "--l2", l2, "0 or more");
    require(smoothing >= 0 && smoothing < 1, "--smoothing", smoothing, "0 … 1");
    require(validation >= 0 && validation < 1, "--validation", validation, "0 … 1");
    require(patience > 0, "--patience", patience, "1 or more");
    require(threads > 0, "--threads", threads, "1 or more");
  }

  private void require(boolean isRight, String option, Object given, String expected) {
    if (!isRight) {
      throw new ParameterException(
          spec.commandLine(), option + " is " + given + ", expected " + expected);
    }
  }

  /** Before the work, not after it. */
  static void requireWritable(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (!Files.isDirectory(folder) || !Files.isWritable(folder) || Files.isDirectory(file)) {
      throw new IOException(file + " can't be written: there is no such folder, or it is one");
    }
  }

  private int train(
      PrintWriter console, Classifier classifier, Examples.Split split, ExecutorService executor)
      throws IOException {
    int count = split.first().count();
    int steps = (count - 1) / Math.max(1, Math.min(batch, count)) + 1;
    Trainer.Builder builder =
        Trainer.of(classifier.loss())
            .examples(split.first())
            .batch(batch)
            .optimizer(Optimizer.of(Adam.standard()), LearningRate.cosine(rate, 0f, epochs * steps))
            .parts(threads, executor)
            .seed(seed);
    if (classifier.draws() != null) {
      builder.draws(classifier.draws());
    }
    Trainer trainer = builder.build();
    GradCheckReport check = GradCheck.of(trainer).elements(40).check();
    if (!check.passes()) {
      spec.commandLine()
          .getErr()
          .println("error: the gradients are not those of the loss\n" + check);
      return 1;
    }
    console.println("the gradients are those of the loss: " + check.checked() + " slopes measured");
    if (checkpoints != null) {
      Path from = Checkpoint.restoreLatest(checkpoints, trainer);
      console.println(from == null ? "no checkpoint yet" : "goes on from " + from);
    }
    Evaluation tried =
        split.rest().count() == 0
            ? null
            : Evaluation.accuracy(classifier.logits(), classifier.labels(), split.rest());
    AtomicBoolean isAsked = new AtomicBoolean();
    CountDownLatch done = new CountDownLatch(1);
    Thread hook = new Thread(() -> stop(isAsked, done));
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      epochs(console, trainer, tried, isAsked);
      OnnxFile.write(out, classifier.logits());
      console.println((isAsked.get() ? "stopped; " : "") + "wrote " + out);
      console.flush();
    } finally {
      done.countDown();
      if (!isAsked.get()) {
        Runtime.getRuntime().removeShutdownHook(hook);
      }
    }
    return 0;
  }

  /** Trains until the last epoch, or until it is asked to stop; a checkpoint is left either way. */
  private void epochs(PrintWriter console, Trainer trainer, Evaluation tried, AtomicBoolean isAsked)
      throws IOException {
    EarlyStopping stopping =
        tried == null || patience == Integer.MAX_VALUE
            ? null
            : EarlyStopping.of(trainer, tried, patience);
    Progress progress = new Progress(epochs, trainer.epoch());
    boolean goesOn = true;
    while (goesOn && trainer.epoch() < epochs && !isAsked.get()) {
      long epoch = trainer.epoch();
      double sum = 0;
      int steps = 0;
      while (trainer.epoch() == epoch && !isAsked.get()) {
        sum += trainer.step();
        steps++;
      }
      if (checkpoints != null) {
        Checkpoint.save(checkpoints, trainer, 3);
      }
      if (trainer.epoch() > epoch) {
        goesOn = report(console, trainer, (float) (sum / steps), tried, stopping, progress);
      }
    }
    if (stopping != null && stopping.bestEpoch() > 0) {
      stopping.restoreBest();
      console.printf(Locale.ROOT, "the best epoch was %d%n", stopping.bestEpoch());
    }
  }

  /** Lets the training end with its files, before the JVM does. */
  private static void stop(AtomicBoolean isAsked, CountDownLatch done) {
    isAsked.set(true);
    try {
      done.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean report(
      PrintWriter console,
      Trainer trainer,
      float loss,
      Evaluation tried,
      EarlyStopping stopping,
      Progress progress) {
    String accuracy =
        tried == null ? "" : String.format(Locale.ROOT, ", %.2f %% right", 100 * tried.value());
    console.printf(
        Locale.ROOT,
        "epoch %d of %d: loss %.4f%s (%s)%n",
        trainer.epoch(),
        epochs,
        loss,
        accuracy,
        progress.after(trainer.epoch()));
    console.flush();
    return stopping == null
        || stopping.goOn(
            new Trainer.Report(
                trainer.epoch(),
                trainer.steps(),
                loss,
                trainer.gradientNorms(),
                trainer.zeroGradients()));
  }
}
