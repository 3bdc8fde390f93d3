package org.lanegrad.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.lanegrad.graph.Ops.add;
import static org.lanegrad.graph.Ops.crossEntropy;
import static org.lanegrad.graph.Ops.dense;
import static org.lanegrad.graph.Ops.penalty;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Identity;
import org.lanegrad.activation.Relu;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.loss.Regularizer;
import org.lanegrad.optimizer.Adam;
import org.lanegrad.optimizer.LearningRate;
import org.lanegrad.reduction.Reductions;

/** "Train a model" and "Serve a model" of the README, as they stand there. */
class ReadmeTest {
  private static final int COUNT = 200;

  @TempDir private Path folder;

  private final Matrix images = Matrix.zeros(COUNT, 64);
  private final int[] classes = new int[COUNT];

  /** Clusters around ten points. */
  ReadmeTest() {
    Matrix centres = Initial.uniform(Matrix.zeros(10, 64), 1, 1);
    Matrix noise = Initial.uniform(Matrix.zeros(COUNT, 64), 0.7, 2);
    for (int i = 0; i < COUNT; i++) {
      classes[i] = i % 10;
      for (int j = 0; j < 64; j++) {
        images.set(i, j, centres.get(i % 10, j) + noise.get(i, j));
      }
    }
  }

  @Test
  void aModelIsTrainedKeptAndServed() throws IOException {
    Graph graph = new Graph();
    Node x = graph.input("x", 64);
    Node labels = graph.ints("labels", 1);
    Node w1 = graph.parameter("w1", Initial.he(64, 32, 1));
    Node b1 = graph.parameter("b1", Matrix.zeros(1, 32));
    Node w2 = graph.parameter("w2", Initial.glorot(32, 10, 2));
    Node b2 = graph.parameter("b2", Matrix.zeros(1, 10));
    Node logits = dense(dense(x, w1, b1, new Relu()), w2, b2, new Identity());
    Node loss = crossEntropy(logits, labels);

    Trainer trainer =
        Trainer.of(add(loss, penalty(Regularizer.l2(1e-4f), w1)))
            .examples(x, images)
            .examples(labels, classes)
            .batch(64)
            .optimizer(Optimizer.of(Adam.standard()), LearningRate.cosine(2e-3f, 0, 400))
            .clip(5f)
            .seed(1)
            .build();
    Checkpoint.restoreLatest(folder, trainer);
    while (trainer.epoch() < 20) {
      trainer.train(1, report -> report.loss() > 1e-4f);
      Checkpoint.save(folder, trainer, 3);
    }
    Path file = folder.resolve("digits.safetensors");
    SafeTensors.write(file, graph.parameters(), Map.of("network", "digits"));

    graph.parameters().values().forEach(p -> Arrays.fill(p.array(), 0f));
    SafeTensors.read(file).copyTo(graph.parameters());
    Model model = Model.of(x, logits);
    assertThat(model.warmUp().toString()).startsWith("warm after");
    ModelSession session = model.session(256);
    Matrix scores = Matrix.zeros(COUNT, 10);
    session.run(images, scores);
    Matrix others = Matrix.zeros(COUNT, 10);
    SessionPool pool = model.sessions(4);
    try (ExecutorService executor = Executors.newFixedThreadPool(1)) {
      pool.run(images, others, executor, 2);
    }
    assertThat(others.array()).isEqualTo(scores.array());
    float[] pixels = Arrays.copyOf(images.array(), 64);
    float[] answer = new float[10];
    try (Batcher batcher = new Batcher(model, 32, Duration.ofMillis(1), 2)) {
      batcher.run(pixels, answer);
    }
    assertThat(answer).isEqualTo(Arrays.copyOf(scores.array(), 10));
    int[] answers = new int[COUNT];
    Reductions.argmax(scores, answers);
    int right = 0;
    for (int i = 0; i < COUNT; i++) {
      right += answers[i] == classes[i] ? 1 : 0;
    }
    assertThat(right).isGreaterThan(195);
  }
}
