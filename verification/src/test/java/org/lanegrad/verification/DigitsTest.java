package org.lanegrad.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.lanegrad.graph.Ops.add;
import static org.lanegrad.graph.Ops.crossEntropy;
import static org.lanegrad.graph.Ops.dense;
import static org.lanegrad.graph.Ops.penalty;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Identity;
import org.lanegrad.activation.Relu;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.loss.Regularizer;
import org.lanegrad.model.Initial;
import org.lanegrad.model.Model;
import org.lanegrad.model.Optimizer;
import org.lanegrad.model.Trainer;
import org.lanegrad.optimizer.Adam;
import org.lanegrad.optimizer.LearningRate;
import org.lanegrad.reduction.Reductions;

/** Real handwritten digits, trained and served: at least 98 % of those it has not seen. */
class DigitsTest {
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Digits(Matrix images, int[] labels) {
    static Digits read(Path file) throws IOException {
      List<String> lines =
          Files.readAllLines(file).stream().filter(line -> !line.isBlank()).toList();
      Matrix images = Matrix.zeros(lines.size(), 64);
      int[] labels = new int[lines.size()];
      for (int i = 0; i < labels.length; i++) {
        String[] numbers = lines.get(i).split(",", -1);
        for (int j = 0; j < 64; j++) {
          images.set(i, j, Integer.parseInt(numbers[j].strip()) / 16f);
        }
        labels[i] = Integer.parseInt(numbers[64].strip());
      }
      return new Digits(images, labels);
    }
  }

  /** Seven copies beside the original, each a little turned, moved, stretched and noisy. */
  private static Digits withCopies(Digits digits, int copies) {
    SplittableRandom random = new SplittableRandom(9);
    int count = digits.labels.length;
    Matrix images = Matrix.zeros(copies * count, 64);
    int[] labels = new int[copies * count];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = digits.labels[i % count];
      double size = i < count ? 0 : 1;
      double angle = size * 0.12 * random.nextGaussian();
      double scale = Math.exp(size * 0.08 * random.nextGaussian());
      double right = size * 0.3 * random.nextGaussian();
      double down = size * 0.3 * random.nextGaussian();
      for (int pixel = 0; pixel < 64; pixel++) {
        double u = scale * (pixel % 8 - 3.5);
        int row = pixel / 8;
        double v = scale * (row - 3.5);
        double x = Math.cos(angle) * u - Math.sin(angle) * v + 3.5 + right;
        double y = Math.sin(angle) * u + Math.cos(angle) * v + 3.5 + down;
        double value = at(digits.images, i % count, x, y) + size * 0.05 * random.nextGaussian();
        images.set(i, pixel, (float) Math.clamp(value, 0, 1));
      }
    }
    return new Digits(images, labels);
  }

  /** Between four pixels; 0 outside. */
  private static double at(Matrix images, int row, double x, double y) {
    int left = (int) Math.floor(x);
    int top = (int) Math.floor(y);
    double sum = 0;
    for (int j = left; j <= left + 1; j++) {
      for (int i = top; i <= top + 1; i++) {
        boolean isInside = j >= 0 && j < 8 && i >= 0 && i < 8;
        double weight = (1 - Math.abs(x - j)) * (1 - Math.abs(y - i));
        sum += isInside ? weight * images.get(row, 8 * i + j) : 0;
      }
    }
    return sum;
  }

  @Test
  void ninetyEightOfAHundredUnseenDigitsAreRead() throws IOException {
    Path folder = Path.of(System.getProperty("lanegrad.data", ""), "optdigits");
    assumeTrue(
        Files.isDirectory(folder),
        "the digits are not there: -Dlanegrad.data=… names the folder that holds optdigits");
    Digits seen = withCopies(Digits.read(folder.resolve("optdigits.tra")), 8);
    Digits unseen = Digits.read(folder.resolve("optdigits.tes"));
    Graph graph = new Graph();
    Node x = graph.input("x", 64);
    Node labels = graph.ints("labels", 1);
    Node w1 = graph.parameter("w1", Initial.he(64, 256, 1));
    Node b1 = graph.parameter("b1", Matrix.zeros(1, 256));
    Node w2 = graph.parameter("w2", Initial.he(256, 128, 2));
    Node b2 = graph.parameter("b2", Matrix.zeros(1, 128));
    Node w3 = graph.parameter("w3", Initial.glorot(128, 10, 3));
    Node b3 = graph.parameter("b3", Matrix.zeros(1, 10));
    Node hidden = dense(dense(x, w1, b1, new Relu()), w2, b2, new Relu());
    Node logits = dense(hidden, w3, b3, new Identity());
    Node loss = add(crossEntropy(logits, labels), penalty(Regularizer.l2(1e-4f), w1));
    int steps = 20 * ((seen.labels.length - 1) / 64 + 1);
    Trainer trainer =
        Trainer.of(loss)
            .examples(x, seen.images)
            .examples(labels, seen.labels)
            .batch(64)
            .optimizer(Optimizer.of(Adam.standard()), LearningRate.cosine(2e-3f, 0, steps))
            .seed(1)
            .build();
    trainer.train(20);
    int[] answers = new int[unseen.labels.length];
    Matrix scores = Matrix.zeros(answers.length, 10);
    Model.of(x, logits).session(256).run(unseen.images, scores);
    Reductions.argmax(scores, answers);
    int right = 0;
    for (int i = 0; i < answers.length; i++) {
      right += answers[i] == unseen.labels[i] ? 1 : 0;
    }
    assertThat(right / (double) answers.length).isGreaterThanOrEqualTo(0.98);
  }
}
