package org.lanegrad.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.lanegrad.graph.Ops.add;
import static org.lanegrad.graph.Ops.crossEntropy;
import static org.lanegrad.graph.Ops.dense;
import static org.lanegrad.graph.Ops.meanSquaredError;
import static org.lanegrad.graph.Ops.multiply;
import static org.lanegrad.graph.Ops.penalty;
import static org.lanegrad.graph.Ops.product;
import static org.lanegrad.graph.Ops.sum;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Identity;
import org.lanegrad.activation.Tanh;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Ops;
import org.lanegrad.graph.Over;
import org.lanegrad.loss.Regularizer;
import org.lanegrad.optimizer.AdaGrad;
import org.lanegrad.optimizer.Adam;
import org.lanegrad.optimizer.LearningRate;
import org.lanegrad.optimizer.Momentum;
import org.lanegrad.optimizer.RmsProp;
import org.lanegrad.reduction.Reductions;

/** Learning: whole networks, the same bits again, and what is refused. */
class TrainerTest {
  @TempDir private Path folder;

  /** A classifier of two spirals that turn into each other, two layers. */
  static final class Spirals {
    static final int EXAMPLES = 203;
    final Matrix points = Matrix.zeros(EXAMPLES, 2);
    final int[] classes = new int[EXAMPLES];
    final Graph graph = new Graph();
    final Node x = graph.input("x", 2);
    final Node labels = graph.ints("labels", 1);
    final Node w1 = graph.parameter("w1", Initial.he(2, 40, 1));
    final Node b1 = graph.parameter("b1", Matrix.zeros(1, 40));
    final Node w2 = graph.parameter("w2", Initial.glorot(40, 2, 2));
    final Node b2 = graph.parameter("b2", Matrix.zeros(1, 2));
    final Node logits = dense(dense(x, w1, b1, new Tanh()), w2, b2, new Identity());
    final Node loss = crossEntropy(logits, labels);

    Spirals() {
      SplittableRandom random = new SplittableRandom(3);
      for (int i = 0; i < EXAMPLES; i++) {
        classes[i] = i % 2;
        double r = 0.2 + i / (double) EXAMPLES;
        double angle = 3.5 * r + Math.PI * classes[i];
        points.set(i, 0, (float) (3 * r * Math.cos(angle) + random.nextDouble(-0.05, 0.05)));
        points.set(i, 1, (float) (3 * r * Math.sin(angle) + random.nextDouble(-0.05, 0.05)));
      }
    }

    Trainer trainer(Optimizer optimizer, float rate, long seed) {
      return Trainer.of(loss)
          .examples(x, points)
          .examples(labels, classes)
          .batch(32)
          .optimizer(optimizer, LearningRate.constant(rate))
          .clip(5f)
          .seed(seed)
          .build();
    }

    float[] weights() {
      float[] all = Arrays.copyOf(w1.value().array(), 240);
      System.arraycopy(w2.value().array(), 0, all, 100, 80);
      System.arraycopy(b1.value().array(), 0, all, 200, 40);
      return all;
    }

    double accuracy() {
      Matrix scores = Matrix.zeros(EXAMPLES, 2);
      Model.of(x, logits).session(EXAMPLES).run(points, scores);
      int[] answers = new int[EXAMPLES];
      Reductions.argmax(scores, answers);
      int right = 0;
      for (int i = 0; i < EXAMPLES; i++) {
        right += answers[i] == classes[i] ? 1 : 0;
      }
      return right / (double) EXAMPLES;
    }
  }

  /** The lectures' regression: N = 1000, D = 3, noise 0.2, rate 0.1, 300 steps. */
  @Test
  void aLinearRegressionFindsItsWeights() {
    SplittableRandom random = new SplittableRandom(1);
    float[] truth = {1.5f, -2f, 0.7f};
    Matrix data = Matrix.zeros(1000, 3);
    Matrix targets = Matrix.zeros(1000, 1);
    for (int i = 0; i < 1000; i++) {
      double y = 0.5 + 0.2 * random.nextGaussian();
      for (int j = 0; j < 3; j++) {
        data.set(i, j, (float) random.nextGaussian());
        y += truth[j] * data.get(i, j);
      }
      targets.set(i, 0, (float) y);
    }
    Graph graph = new Graph();
    Node x = graph.input("x", 3);
    Node y = graph.input("y", 1);
    Node w = graph.parameter("w", Matrix.zeros(3, 1));
    Node b = graph.parameter("b", Matrix.zeros(1, 1));
    Node loss = meanSquaredError(dense(x, w, b, new Identity()), y);
    Trainer trainer = Trainer.of(loss).examples(x, data).examples(y, targets).batch(1000).build();
    trainer.train(300);
    assertThat(trainer.steps()).isEqualTo(300);
    for (int j = 0; j < 3; j++) {
      assertThat(w.value().get(j, 0)).isCloseTo(truth[j], within(0.05f));
    }
    assertThat(b.value().get(0, 0)).isCloseTo(0.5f, within(0.05f));
    assertThat(trainer.step()).isCloseTo(0.04f, within(0.01f));
  }

  @Test
  void everyOptimizerLearnsTheSpirals() {
    Map<Optimizer, Float> rates =
        Map.of(
            Optimizer.sgd(), 0.5f,
            Optimizer.of(Momentum.nesterov(0.9f)), 0.1f,
            Optimizer.of(Adam.standard()), 0.02f,
            Optimizer.of(RmsProp.standard()), 0.01f,
            Optimizer.of(AdaGrad.standard()), 0.1f);
    rates.forEach(
        (optimizer, rate) -> {
          Spirals spirals = new Spirals();
          List<Float> losses = new ArrayList<>();
          spirals.trainer(optimizer, rate, 7).train(300, r -> losses.add(r.loss()));
          assertThat(losses.get(0)).as("%s", optimizer).isGreaterThan(0.3f);
          assertThat(losses.get(299)).as("%s", optimizer).isLessThan(0.05f);
          assertThat(spirals.accuracy()).as("%s", optimizer).isGreaterThan(0.98);
        });
  }

  @Test
  void theSameSeedGivesTheSameBitsAndAnotherOthers() {
    float[][] weights = new float[3][];
    for (int i = 0; i < 3; i++) {
      Spirals spirals = new Spirals();
      spirals.trainer(Optimizer.of(Adam.standard()), 0.01f, i == 2 ? 8 : 7).train(5);
      weights[i] = spirals.weights();
    }
    assertThat(weights[1]).isEqualTo(weights[0]);
    assertThat(weights[2]).isNotEqualTo(weights[0]);
  }

  @Test
  void aTrainingResumedInTheMiddleOfAnEpochHasTheSameBits() throws IOException {
    Spirals whole = new Spirals();
    Trainer never = whole.trainer(Optimizer.of(Adam.standard()), 0.01f, 7);
    for (int i = 0; i < 40; i++) {
      never.step();
    }
    Spirals first = new Spirals();
    Trainer stopped = first.trainer(Optimizer.of(Adam.standard()), 0.01f, 7);
    for (int i = 0; i < 17; i++) {
      stopped.step();
    }
    Path file = Checkpoint.save(folder, stopped, 2);
    assertThat(file.getFileName()).hasToString("step-000000000017.safetensors");
    Spirals second = new Spirals();
    Trainer resumed = second.trainer(Optimizer.of(Adam.standard()), 0.01f, 7);
    assertThat(Checkpoint.restoreLatest(folder, resumed)).isEqualTo(file);
    assertThat(resumed.steps()).isEqualTo(17);
    assertThat(resumed.epoch()).isEqualTo(2);
    for (int i = 17; i < 40; i++) {
      resumed.step();
    }
    assertThat(second.weights()).isEqualTo(whole.weights());
  }

  @Test
  void theLatestCheckpointsAreKept() throws IOException {
    Trainer trainer = new Spirals().trainer(Optimizer.sgd(), 0.1f, 1);
    assertThat(Checkpoint.restoreLatest(folder.resolve("none"), trainer)).isNull();
    for (int i = 0; i < 5; i++) {
      trainer.step();
      Checkpoint.save(folder.resolve("kept"), trainer, 2);
    }
    assertThat(Checkpoint.files(folder.resolve("kept")))
        .extracting(file -> file.getFileName().toString())
        .containsExactly("step-000000000005.safetensors", "step-000000000004.safetensors");
  }

  @Test
  void aCheckpointOfAnotherTrainingIsRefusedByTheFirstDifference() throws IOException {
    Spirals spirals = new Spirals();
    Path file = Checkpoint.save(folder, spirals.trainer(Optimizer.sgd(), 0.1f, 1), 1);
    Trainer adam = new Spirals().trainer(Optimizer.of(Adam.standard()), 0.1f, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Checkpoint.restore(file, adam))
        .withMessageStartingWith(file + ": optimizer is Sgd, expected Adam[");
    Trainer other = new Spirals().trainer(Optimizer.sgd(), 0.1f, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Checkpoint.restore(file, other))
        .withMessage(file + ": seed is 1, expected 2");
    Graph graph = new Graph();
    Node w = graph.parameter("w1", Matrix.zeros(2, 41));
    Node x = graph.input("x", 2);
    Trainer wider =
        Trainer.of(sum(product(x, w), Over.ALL))
            .examples(x, Matrix.zeros(Spirals.EXAMPLES, 2))
            .batch(32)
            .seed(1)
            .build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Checkpoint.restore(file, wider))
        .withMessage(file + ": w1 is [2, 40], expected 2 × 41");
    Path plain = folder.resolve("plain.safetensors");
    SafeTensors.write(plain, Map.of(), Map.of());
    assertThatThrownBy(() -> Checkpoint.restore(plain, other))
        .hasMessage(plain + ": its format is null, expected lanegrad checkpoint 1");
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 4));
    assertThatThrownBy(() -> Checkpoint.restore(file, other))
        .isInstanceOf(MalformedFileException.class);
  }

  /** Each example adds a power of two, so that the sum says which were met. */
  @Test
  void anEpochMeetsEachExampleOnceWhateverTheSizeOfTheLastBatch() {
    for (int batch : new int[] {1, 3, 10, 16, 100}) {
      Graph graph = new Graph();
      Node x = graph.input("x", 1);
      Node p = graph.parameter("p", Matrix.zeros(1, 1));
      Node loss = sum(multiply(x, Ops.broadcast(p, x.shape())), Over.ALL);
      Matrix powers = Matrix.zeros(10, 1);
      for (int i = 0; i < 10; i++) {
        powers.set(i, 0, 1 << i);
      }
      Trainer trainer =
          Trainer.of(loss)
              .examples(x, powers)
              .batch(batch)
              .optimizer(Optimizer.sgd(), LearningRate.constant(1))
              .build();
      trainer.train(3);
      assertThat(p.value().get(0, 0)).as("batch %d", batch).isEqualTo(-3 * 1023f);
      assertThat(trainer.steps()).isEqualTo(3L * trainer.stepsPerEpoch());
    }
  }

  @Test
  void aPenaltyIsPartOfTheLossThatIsReportedAndDescended() {
    Spirals spirals = new Spirals();
    Node decay = penalty(Regularizer.l2(0.5f), spirals.w2);
    Node total = add(spirals.loss, decay);
    Trainer trainer =
        Trainer.of(total)
            .examples(spirals.x, spirals.points)
            .examples(spirals.labels, spirals.classes)
            .batch(Spirals.EXAMPLES)
            .build();
    double squares = 0;
    for (float w : spirals.w2.value().array()) {
      squares += w * w;
    }
    Trainer plain = new Spirals().trainer(Optimizer.sgd(), 0.1f, 0);
    float without = 0;
    for (int i = 0; i < plain.stepsPerEpoch(); i++) {
      without = Math.max(without, plain.step());
    }
    assertThat((double) trainer.step()).isCloseTo(0.25 * squares + without, within(0.5));
    trainer.train(500);
    assertThat(trainer.gradientNorms().get("w2")).isLessThan(0.01f);
    for (float w : spirals.w2.value().array()) {
      assertThat(Math.abs(w)).isLessThan(0.2f);
    }
  }

  @Test
  void gradientsAreClippedAllTogether() {
    Spirals spirals = new Spirals();
    Trainer trainer =
        Trainer.of(Ops.scale(100f, spirals.loss))
            .examples(spirals.x, spirals.points)
            .examples(spirals.labels, spirals.classes)
            .clip(0.5f)
            .build();
    trainer.step();
    assertThat(trainer.clippedNorm()).isGreaterThan(5f);
    double squares = 0;
    for (float norm : trainer.gradientNorms().values()) {
      squares += (double) norm * norm;
    }
    assertThat(Math.sqrt(squares)).isCloseTo(0.5, within(1e-5));
    assertThat(trainer.gradientNorms()).containsOnlyKeys("w1", "b1", "w2", "b2");
  }

  @Test
  void parametersThatShareAnArrayAreTrainedApart() {
    Graph graph = new Graph();
    float[] shared = {9f, 1f, 2f, 9f, 3f, 9f};
    Node x = graph.input("x", 2);
    Node a = graph.parameter("a", Matrix.of(shared, 1, 2, 1, 1));
    Node b = graph.parameter("b", Matrix.of(shared, 4, 1, 1, 1));
    Node loss = sum(dense(x, a, b, new Identity()), Over.ALL);
    Trainer trainer =
        Trainer.of(loss)
            .examples(x, Matrix.of(new float[] {1f, 2f}, 1, 2))
            .optimizer(Optimizer.of(Adam.withDecay(0.5f)), LearningRate.constant(0.125f))
            .build();
    trainer.step();
    assertThat(shared[0]).isEqualTo(9f);
    assertThat(shared[3]).isEqualTo(9f);
    assertThat(shared[5]).isEqualTo(9f);
    assertThat(shared[1]).isLessThan(1f);
    assertThat(shared[4]).isLessThan(3f);
  }

  @Test
  void aStepAllocatesNothing() {
    Spirals spirals = new Spirals();
    Trainer trainer = spirals.trainer(Optimizer.of(Adam.standard()), 0.001f, 1);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long id = Thread.currentThread().threadId();
    // until C2 has compiled the kernels their vectors are objects
    long end = System.nanoTime() + 60_000_000_000L;
    int calm = 0;
    while (calm < 100 && System.nanoTime() < end) {
      long before = threads.getThreadAllocatedBytes(id);
      trainer.step();
      calm = threads.getThreadAllocatedBytes(id) == before ? calm + 1 : 0;
    }
    assertThat(calm).isEqualTo(100);
  }

  /** √(x·w) at w = 0 is 0, and its slope is not a number. */
  @Test
  void aGradientThatIsNotFiniteStopsBeforeAnythingChanges() {
    Graph graph = new Graph();
    Node x = graph.input("x", 1);
    Node w = graph.parameter("w", Matrix.zeros(1, 1));
    Matrix ones = Matrix.zeros(4, 1);
    for (int i = 0; i < 4; i++) {
      ones.set(i, 0, i + 1);
    }
    Node loss = Ops.mean(Ops.sqrt(product(x, w)), Over.ALL);
    for (float norm : new float[] {5f, Float.MAX_VALUE}) {
      Trainer trainer = Trainer.of(loss).examples(x, ones).clip(norm).build();
      assertThatIllegalStateException()
          .isThrownBy(trainer::step)
          .withMessage("the loss of step 1 is 0.0, and the gradient of w is not finite");
      assertThat(w.value().get(0, 0)).isZero();
      assertThat(trainer.steps()).isZero();
    }
  }

  /** Squares that overflow are no reason to stop. */
  @Test
  void aHugeGradientThatIsFiniteIsAStep() {
    Graph graph = new Graph();
    Node x = graph.input("x", 1);
    Node w = graph.parameter("w", Matrix.zeros(1, 1));
    Matrix one = Matrix.zeros(1, 1);
    one.set(0, 0, 1e30f);
    Node loss = sum(product(x, w), Over.ALL);
    Trainer.of(loss).examples(x, one).build().step();
    assertThat(w.value().get(0, 0)).isCloseTo(-1e29f, within(1e23f));
  }

  @Test
  void anInputIsGivenExamplesOrDrawsAndNotBoth() {
    Spirals s = new Spirals();
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Trainer.of(s.loss)
                    .examples(s.x, s.points)
                    .examples(s.labels, s.classes)
                    .draws(s.labels)
                    .build())
        .withMessageContaining("is given examples and draws");
  }

  @Test
  void aLossThatIsNotFiniteStopsBeforeAnythingChanges() {
    Spirals spirals = new Spirals();
    spirals.points.set(40, 1, Float.NaN);
    float[] before = spirals.weights();
    Trainer trainer =
        Trainer.of(spirals.loss)
            .examples(spirals.x, spirals.points)
            .examples(spirals.labels, spirals.classes)
            .batch(1000)
            .build();
    assertThatIllegalStateException()
        .isThrownBy(trainer::step)
        .withMessage("the loss of step 1 is NaN, and the gradient of w1 is not finite");
    assertThat(spirals.weights()).isEqualTo(before);
  }

  @Test
  void aListenerStopsTheTraining() {
    Trainer trainer = new Spirals().trainer(Optimizer.sgd(), 0.1f, 1);
    trainer.train(100, report -> report.epoch() < 3);
    assertThat(trainer.epoch()).isEqualTo(3);
    assertThat(trainer.stepsPerEpoch()).isEqualTo(7);
  }

  @Test
  void whatDoesNotFitIsRefusedByName() {
    Spirals s = new Spirals();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Trainer.of(s.logits))
        .withMessageContaining("expected a number");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Trainer.of(s.loss).build())
        .withMessage("there are no examples to train on");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Trainer.of(s.loss).examples(s.x, Matrix.zeros(0, 2)).build())
        .withMessage("there are no examples to train on");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Trainer.of(s.loss).examples(s.x, Matrix.zeros(5, 3)))
        .withMessage("columns of the examples is 3, expected 2, as those of x");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Trainer.of(s.loss).examples(s.x, s.points).examples(s.labels, new int[4]).build())
        .withMessage("x has 203 examples, but labels has 4");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Trainer.of(s.loss).examples(s.x, new int[4]))
        .withMessageContaining("can't be fed");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Trainer.of(s.loss).examples(s.w1, s.points))
        .withMessageContaining("expected an input with a row for each example");
    Graph graph = new Graph();
    Node x = graph.input("x", 3);
    Node w = graph.parameter("w", Matrix.aligned(3, 5));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Trainer.of(sum(product(x, w), Over.ALL)).examples(x, Matrix.zeros(2, 3)).build())
        .withMessageContaining("the parameter w, 3 × 5, has gaps");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Trainer.of(sum(x, Over.ALL)).examples(x, Matrix.zeros(2, 3)).build())
        .withMessageContaining("depends on no parameter");
  }

  @Test
  void anEarlierCourseDoesNotLoseItsCheckpointToALaterOne() throws IOException {
    Trainer first = new Spirals().trainer(Optimizer.sgd(), 0.1f, 1);
    for (int i = 0; i < 5; i++) {
      first.step();
    }
    Path file = Checkpoint.save(folder, first, 1);
    Trainer second = new Spirals().trainer(Optimizer.sgd(), 0.1f, 1);
    second.step();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Checkpoint.save(folder, second, 1))
        .withMessageStartingWith(file + " is of a later step than 1");
    assertThat(Checkpoint.files(folder)).containsExactly(file);
  }

  @Test
  void moreThatDoesNotFitIsRefusedByName() {
    Graph graph = new Graph();
    Node x = graph.input("x", 1);
    Node z = graph.input("z", 1);
    Node w = graph.parameter("w", Matrix.zeros(1, 1));
    Node state = graph.parameter("w#state0", Matrix.zeros(1, 1));
    Matrix rows = Matrix.zeros(4, 1);
    Node both = sum(add(product(x, w), product(z, state)), Over.ALL);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Trainer.of(both).examples(x, rows).build())
        .withMessageContaining("needs examples for z: ");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Trainer.of(both)
                    .examples(x, rows)
                    .examples(z, rows)
                    .optimizer(Optimizer.of(Momentum.of(0.9f)), LearningRate.constant(1))
                    .build())
        .withMessageContaining("a parameter is named w#state0");
    // what is refused leaves the graph as it was
    assertThat(graph.nodes()).last().isEqualTo(both);
    Node other = new Graph().input("x", 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Trainer.of(both).examples(other, rows))
        .withMessageContaining("is of another graph than");
  }

  @Test
  void gradientsThatVanishOrExplodeHaveTheirNorms() {
    for (float size : new float[] {1e-25f, 1e25f}) {
      Graph graph = new Graph();
      Node x = graph.input("x", 2);
      Node w = graph.parameter("w", Matrix.zeros(2, 1));
      Trainer trainer =
          Trainer.of(sum(product(x, w), Over.ALL))
              .examples(x, Matrix.of(new float[] {3 * size, 4 * size}, 1, 2))
              .optimizer(Optimizer.sgd(), LearningRate.constant(1e-30f))
              .build();
      trainer.step();
      assertThat(trainer.gradientNorms().get("w")).isCloseTo(5 * size, within(1e-5f * size));
    }
  }
}
