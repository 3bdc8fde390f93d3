package org.lanegrad.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.lanegrad.graph.Ops.add;
import static org.lanegrad.graph.Ops.dense;
import static org.lanegrad.graph.Ops.dropout;
import static org.lanegrad.graph.Ops.penalty;
import static org.lanegrad.graph.Ops.product;
import static org.lanegrad.graph.Ops.square;
import static org.lanegrad.graph.Ops.sum;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Identity;
import org.lanegrad.activation.Tanh;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Ops;
import org.lanegrad.graph.Over;
import org.lanegrad.loss.Regularizer;
import org.lanegrad.optimizer.Adam;
import org.lanegrad.optimizer.LearningRate;

/**
 * A batch in parts: the same bits on any number of threads, and the gradient of the whole batch.
 */
class PartsTest {
  @TempDir private Path folder;

  /** Spirals with dropout and a penalty. */
  private static Trainer.Builder builder(TrainerTest.Spirals s) {
    Node draws = s.graph.ints("draws", 1);
    Node hidden = dropout(dense(s.x, s.w1, s.b1, new Tanh()), 0.1f, draws);
    Node logits = dense(hidden, s.w2, s.b2, new Identity());
    Node loss = add(Ops.crossEntropy(logits, s.labels), penalty(Regularizer.l2(1e-4f), s.w1));
    return Trainer.of(loss)
        .examples(s.x, s.points)
        .examples(s.labels, s.classes)
        .draws(draws)
        .batch(50)
        .optimizer(Optimizer.of(Adam.standard()), LearningRate.constant(0.01f))
        .clip(5f)
        .seed(4);
  }

  private static float[] trained(int parts, Executor threads, int epochs) {
    TrainerTest.Spirals s = new TrainerTest.Spirals();
    builder(s).parts(parts, threads).build().train(epochs);
    return s.weights();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void oneTwoOrThreeThreadsTrainTheSameBits(int threads) {
    float[] alone = trained(3, null, 20);
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      assertThat(trained(3, executor, 20)).containsExactly(alone);
    } finally {
      executor.shutdownNow();
    }
    // one that takes nothing costs time only
    Executor full =
        task -> {
          throw new RejectedExecutionException("full");
        };
    assertThat(trained(3, full, 20)).containsExactly(alone);
  }

  @Test
  void thePartsTogetherHaveTheGradientOfTheWholeBatch() {
    TrainerTest.Spirals one = new TrainerTest.Spirals();
    TrainerTest.Spirals four = new TrainerTest.Spirals();
    // the last batch, of 3 examples, has fewer than parts
    Trainer whole = builder(one).build();
    Trainer dealt = builder(four).parts(4, null).build();
    for (int step = 0; step < whole.stepsPerEpoch(); step++) {
      assertThat(dealt.step()).isCloseTo(whole.step(), within(2e-4f));
      whole
          .gradientNorms()
          .forEach(
              (name, norm) ->
                  assertThat(dealt.gradientNorms().get(name))
                      .as(name)
                      .isCloseTo(norm, withinPercentage(0.5)));
    }
  }

  @Test
  void aTrainingInPartsResumesToTheSameBits() throws Exception {
    TrainerTest.Spirals straight = new TrainerTest.Spirals();
    builder(straight).parts(2, null).build().train(6);
    TrainerTest.Spirals first = new TrainerTest.Spirals();
    Trainer stopped = builder(first).parts(2, null).build();
    for (int i = 0; i < 7; i++) {
      stopped.step();
    }
    Path file = Checkpoint.save(folder, stopped, 1);
    TrainerTest.Spirals second = new TrainerTest.Spirals();
    Trainer resumed = builder(second).parts(2, null).build();
    Checkpoint.restore(file, resumed);
    while (resumed.epoch() < 6) {
      resumed.step();
    }
    assertThat(second.weights()).containsExactly(straight.weights());
    // other parts have other bits, so they are another training
    Trainer other = builder(new TrainerTest.Spirals()).parts(3, null).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Checkpoint.restore(file, other))
        .withMessageContaining("parts is 2, expected 3");
  }

  @Test
  void aLossThatIsNoMeanOverTheExamplesIsRefused() {
    Graph graph = new Graph();
    Node x = graph.input("x", 3);
    Node w = graph.parameter("w", Initial.he(3, 1, 1));
    Node loss = sum(square(product(x, w)), Over.ALL).named("sum of squares");
    Trainer.Builder builder =
        Trainer.of(loss).examples(x, Initial.uniform(Matrix.zeros(20, 3), 1, 2)).batch(10);
    int nodes = graph.nodes().size();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.parts(2, null).build())
        .withMessageStartingWith("sum of squares of 10 examples is ")
        .withMessageContaining("its mean over 2 parts is ");
    assertThat(graph.nodes()).hasSize(nodes);
    assertThat(builder.parts(1, null).build().step()).isPositive();
  }

  @Test
  void aSumBesideALargePenaltyIsRefusedToo() {
    Graph graph = new Graph();
    Node x = graph.input("x", 3);
    Node w = graph.parameter("w", Initial.he(3, 1, 1));
    Node data = sum(square(product(x, w)), Over.ALL);
    Node loss = Ops.shift(1e5f, data).named("shifted sum");
    Trainer.Builder builder =
        Trainer.of(loss).examples(x, Initial.uniform(Matrix.zeros(64, 3), 1, 2)).batch(64);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.parts(2, null).build())
        .withMessageStartingWith("shifted sum of 64 examples is ");
  }

  @Test
  void anExecutorThatNeverComesRoundToItsTasksGetsNoMoreOfThem() {
    Queue<Runnable> waiting = new ArrayDeque<>();
    float[] alone = trained(3, null, 20);
    assertThat(trained(3, waiting::add, 20)).containsExactly(alone);
    assertThat(waiting).hasSizeBetween(1, 64);
    // begun when all is over, they do nothing
    waiting.forEach(Runnable::run);
  }
}
