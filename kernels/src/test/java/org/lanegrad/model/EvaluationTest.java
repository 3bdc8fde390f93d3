package org.lanegrad.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Identity;
import org.lanegrad.activation.Relu;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Ops;
import org.lanegrad.optimizer.Adam;
import org.lanegrad.optimizer.LearningRate;

/** Examples that are split, evaluated, and end a training in time. */
class EvaluationTest {
  private final TrainerTest.Spirals s = new TrainerTest.Spirals();
  private final Examples all = Examples.of(s.x, s.points).and(s.labels, s.classes);

  @Test
  void aSplitHasEachExampleOnce() {
    Node id = s.graph.ints("id", 1);
    int[] ids = new int[203];
    for (int i = 0; i < 203; i++) {
      ids[i] = i;
    }
    Examples numbered = all.and(id, ids);
    Examples.Split split = numbered.split(0.8, 5);
    Examples.Split again = split.first().split(0.5, 6);
    assertThat(split.first().count()).isEqualTo(162);
    Set<Integer> seen = new HashSet<>();
    for (Examples part : List.of(split.rest(), again.first(), again.rest())) {
      for (int one : part.ints(id)) {
        assertThat(seen.add(one)).as("%d twice", one).isTrue();
      }
    }
    assertThat(seen).hasSize(203);
    assertThat(numbered.split(0.8, 5).first().ints(id)).containsExactly(split.first().ints(id));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> all.split(Double.NaN, 1))
        .withMessage("share is NaN, expected 0 … 1");
  }

  @Test
  void aSplitTrainsOnItsOwnExamples() {
    Examples.Split split = all.split(0.5, 9);
    double before = Evaluation.loss(s.loss, split.first()).value();
    assertThat(Evaluation.loss(s.loss, split.rest()).value()).isNotEqualTo(before);
    Trainer trainer = Trainer.of(s.loss).examples(split.first()).batch(1000).build();
    assertThat(trainer.step()).isCloseTo((float) before, within(1e-5f));
  }

  @Test
  void accuracyIsTheShareOfRightAnswers() {
    Evaluation accuracy = Evaluation.accuracy(s.logits, s.labels, all);
    assertThat(accuracy.value()).isCloseTo(s.accuracy(), within(1e-12));
    s.trainer(Optimizer.of(Adam.standard()), 0.02f, 7).train(100);
    assertThat(accuracy.value()).isCloseTo(s.accuracy(), within(1e-12)).isGreaterThan(0.95);
  }

  @Test
  void aLabelBelowZeroIsNotCounted() {
    int[] some = s.classes.clone();
    Arrays.fill(some, 100, 203, -1);
    Matrix first = s.points.rowRange(0, 100);
    double expected =
        Evaluation.accuracy(
                s.logits, s.labels, Examples.of(s.x, first).and(s.labels, Arrays.copyOf(some, 100)))
            .value();
    Examples ignoring = Examples.of(s.x, s.points).and(s.labels, some);
    assertThat(Evaluation.accuracy(s.logits, s.labels, ignoring).value()).isEqualTo(expected);
  }

  @Test
  void aTrainingStopsWhenNothingBecomesBetterAndKeepsTheBest() {
    // every fifth label is wrong: what is learned by heart does not help
    for (int i = 0; i < 203; i += 5) {
      s.classes[i] = 1 - s.classes[i];
    }
    Examples.Split split = all.split(0.7, 2);
    Trainer trainer =
        Trainer.of(s.loss)
            .examples(split.first())
            .batch(32)
            .optimizer(Optimizer.of(Adam.standard()), LearningRate.constant(0.05f))
            .build();
    Evaluation validation = Evaluation.loss(s.loss, split.rest());
    EarlyStopping stopping = EarlyStopping.of(trainer, validation, 10);
    assertThatIllegalStateException().isThrownBy(stopping::restoreBest);
    List<Double> values = new ArrayList<>();
    trainer.train(
        5000,
        report -> {
          values.add(validation.value());
          return stopping.goOn(report);
        });
    assertThat(values).hasSizeLessThan(5000);
    double best = values.stream().mapToDouble(v -> v).min().orElseThrow();
    assertThat(stopping.bestValue()).isEqualTo(best);
    assertThat(stopping.bestEpoch()).isEqualTo(values.size() - 10);
    stopping.restoreBest();
    assertThat(validation.value()).isEqualTo(best);
  }

  @Test
  void anEvaluationThatIsNoNumberIsNeverBetter() {
    int[] none = new int[203];
    Arrays.fill(none, -1);
    Examples unlabelled = Examples.of(s.x, s.points).and(s.labels, none);
    Evaluation nothing = Evaluation.accuracy(s.logits, s.labels, unlabelled);
    assertThat(nothing.value()).isNaN();
    Trainer trainer = s.trainer(Optimizer.sgd(), 0.1f, 1);
    EarlyStopping stopping = EarlyStopping.of(trainer, nothing, 3);
    trainer.train(50, stopping);
    assertThat(trainer.epoch()).isEqualTo(4);
    assertThat(stopping.bestEpoch()).isEqualTo(1);
  }

  @Test
  void deadUnitsShowInTheShareOfZeroGradients() {
    Node b = s.graph.parameter("b", Matrix.zeros(1, 40));
    for (int unit = 0; unit < 10; unit++) {
      b.value().set(0, unit, -1e6f);
    }
    Node hidden = Ops.dense(s.x, s.w1, b, new Relu());
    Node loss = Ops.crossEntropy(Ops.dense(hidden, s.w2, s.b2, new Identity()), s.labels);
    Trainer trainer = Trainer.of(loss).examples(all).batch(1000).build();
    trainer.train(
        1,
        report -> {
          assertThat(report.zeroGradients().get("b")).isEqualTo(0.25f);
          assertThat(report.zeroGradients().get("w2")).isEqualTo(0.25f);
          assertThat(report.zeroGradients().get("b2")).isZero();
          return true;
        });
  }

  @Test
  void wrongArgumentsAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Evaluation.loss(s.logits, all))
        .withMessageStartingWith("the loss is ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Evaluation.accuracy(s.loss, s.labels, all))
        .withMessageStartingWith("the scores are ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Evaluation.accuracy(s.logits, s.graph.ints("others", 1), all))
        .withMessageStartingWith("the labels are ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> all.and(s.graph.input("short", 1), Matrix.zeros(5, 1)))
        .withMessage("x has 203 examples, but short has 5");
  }
}
