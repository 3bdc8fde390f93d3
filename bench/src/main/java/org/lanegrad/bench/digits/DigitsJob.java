package org.lanegrad.bench.digits;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SplittableRandom;
import org.lanegrad.Matrix;
import org.lanegrad.optimizer.LearningRate;
import org.lanegrad.reduction.Reductions;
import org.lanegrad.verification.catalog.ActivationCatalog;
import org.lanegrad.verification.catalog.UnarySpec;
import org.lanegrad.verification.gradcheck.GradCheckReport;

/** Loads digits, checks the network's gradients, trains it, tests it, and times its inference. */
public final class DigitsJob {
  private static final int HIDDEN = 128;
  private static final int BATCH = 32;
  private static final int INFERENCE_BATCH = 256;
  private static final int EPOCHS = 60;
  private static final float LEARNING_RATE = 4e-3f;
  private static final int WARM_UP = 100;
  private static final int DRAWN_TRAINING = 4000;
  private static final int DRAWN_TEST = 1000;

  private final PrintWriter out;
  private final long seed;
  private final UnarySpec activation;

  /** A job that tells its progress, with ReLU. */
  public DigitsJob(PrintWriter out, long seed) {
    this(out, seed, "relu");
  }

  /**
   * The same with another activation of the hidden units.
   *
   * @throws IllegalArgumentException if the catalog has none of that name
   */
  public DigitsJob(PrintWriter out, long seed, String activation) {
    this.out = out;
    this.seed = seed;
    this.activation = ActivationCatalog.named(activation);
  }

  /**
   * What came of it.
   *
   * @param data where the images came from
   * @param train how many were trained on
   * @param test how many were tested on
   * @param accuracy the fraction of test images that were recognized
   * @param seconds how long the training took
   * @param samplesPerSecond inference throughput on one thread, batches of 256
   * @param gradCheck the gradient check before training
   */
  public record Result(
      String data,
      int train,
      int test,
      double accuracy,
      double seconds,
      double samplesPerSecond,
      GradCheckReport gradCheck) {}

  /**
   * Runs the job.
   *
   * @param folder with optdigits.tra and optdigits.tes, or null to draw digits
   */
  public Result run(Path folder) throws IOException {
    Digits train;
    Digits test;
    if (folder == null) {
      train = DigitsGenerator.draw(DRAWN_TRAINING, seed);
      test = DigitsGenerator.draw(DRAWN_TEST, seed + 1);
    } else {
      train = DigitsFile.read(existing(folder.resolve("optdigits.tra")));
      test = DigitsFile.read(existing(folder.resolve("optdigits.tes")));
    }
    String source = folder == null ? "drawn digits" : "optdigits";
    out.printf(
        Locale.ROOT,
        "digits: %s, %d to train on, %d to test on, hidden units with %s%n",
        source,
        train.size(),
        test.size(),
        activation.name());
    DigitNetwork network = new DigitNetwork(activation.kernel(), HIDDEN, INFERENCE_BATCH, seed);
    GradCheckReport check = DigitNetworkGradient.check(network, activation, train, seed);
    out.println("gradient check before training: " + check);
    if (!check.passes()) {
      throw new IllegalStateException("the network's gradients are wrong: " + check);
    }
    double seconds = train(network, train);
    double accuracy = accuracy(network, test);
    double throughput = throughput(network, test);
    out.printf(
        Locale.ROOT,
        "test accuracy %.2f %%, trained in %.1f s, inference %,.0f samples/s on one thread%n",
        100 * accuracy,
        seconds,
        throughput);
    out.flush();
    return new Result(source, train.size(), test.size(), accuracy, seconds, throughput, check);
  }

  private static Path existing(Path file) throws IOException {
    if (!Files.isReadable(file)) {
      throw new IOException(file + " is not there or cannot be read, expected optdigits data");
    }
    return file;
  }

  private double train(DigitNetwork network, Digits data) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] order = new int[data.size()];
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    float[] pixels = new float[BATCH * Digits.PIXELS];
    int[] labels = new int[BATCH];
    Matrix x = Matrix.of(pixels, BATCH, Digits.PIXELS);
    int steps = data.size() / BATCH;
    LearningRate schedule =
        LearningRate.cosine(LEARNING_RATE, 0f, Math.max(1, EPOCHS * steps - WARM_UP))
            .warmedUp(WARM_UP);
    int taken = 0;
    long start = System.nanoTime();
    for (int epoch = 1; epoch <= EPOCHS; epoch++) {
      shuffle(order, random);
      double loss = 0;
      for (int step = 0; step < steps; step++) {
        gather(data, order, step * BATCH, pixels, labels);
        loss += network.trainStep(x, labels, schedule.at(taken++));
      }
      if (epoch == 1 || epoch % 10 == 0) {
        out.printf(
            Locale.ROOT,
            "epoch %2d of %d: mean loss %.4f%n",
            epoch,
            EPOCHS,
            loss / Math.max(1, steps));
        out.flush();
      }
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private static void shuffle(int[] order, SplittableRandom random) {
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
  }

  private static void gather(Digits data, int[] order, int from, float[] pixels, int[] labels) {
    for (int i = 0; i < BATCH; i++) {
      int image = order[from + i];
      System.arraycopy(
          data.pixels(), image * Digits.PIXELS, pixels, i * Digits.PIXELS, Digits.PIXELS);
      labels[i] = data.labels()[image];
    }
  }

  private static double accuracy(DigitNetwork network, Digits data) {
    int right = 0;
    for (int from = 0; from < data.size(); from += INFERENCE_BATCH) {
      Matrix logits = network.infer(batch(data, from));
      for (int i = 0; i < logits.rows(); i++) {
        int best = Reductions.argmax(logits.array(), logits.index(i, 0), Digits.CLASSES);
        right += best == data.labels()[from + i] ? 1 : 0;
      }
    }
    return right / (double) data.size();
  }

  private static Matrix batch(Digits data, int from) {
    int count = Math.min(INFERENCE_BATCH, data.size() - from);
    return Matrix.of(data.pixels(), from * Digits.PIXELS, count, Digits.PIXELS, Digits.PIXELS);
  }

  /** The best of 200 passes over the data; the first of them warm the JIT up. */
  private static double throughput(DigitNetwork network, Digits data) {
    double best = 0;
    for (int pass = 0; pass < 200; pass++) {
      long start = System.nanoTime();
      for (int from = 0; from < data.size(); from += INFERENCE_BATCH) {
        network.infer(batch(data, from));
      }
      best = Math.max(best, data.size() * 1e9 / (System.nanoTime() - start));
    }
    return best;
  }
}
