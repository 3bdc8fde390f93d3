package org.lanegrad.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;

/**
 * Ends a training when an evaluation has not become better for some epochs, and keeps the
 * parameters of the best one.
 *
 * <pre>{@code
 * EarlyStopping stopping = EarlyStopping.of(trainer, Evaluation.loss(loss, validation), 5);
 * trainer.train(1000, stopping);
 * stopping.restoreBest();
 * }</pre>
 */
public final class EarlyStopping implements Trainer.Listener {
  private final Map<String, Matrix> parameters;
  private final Evaluation evaluation;
  private final int patience;
  private final List<float[]> best = new ArrayList<>();
  private double bestValue = Double.NaN;
  private long bestEpoch = -1;
  private long seen;

  private EarlyStopping(Trainer trainer, Evaluation evaluation, int patience) {
    parameters = trainer.parameters();
    this.evaluation = evaluation;
    this.patience = patience;
    parameters.values().forEach(p -> best.add(new float[p.rows() * p.columns()]));
  }

  /**
   * For one training.
   *
   * @param patience how many epochs may pass without a better value
   */
  public static EarlyStopping of(Trainer trainer, Evaluation evaluation, int patience) {
    Check.notNull("trainer", trainer, "a Trainer");
    Check.notNull("evaluation", evaluation, "an Evaluation");
    if (patience < 1) {
      throw new IllegalArgumentException("patience is " + patience + ", expected 1 or more");
    }
    return new EarlyStopping(trainer, evaluation, patience);
  }

  @Override
  public boolean goOn(Trainer.Report report) {
    double value = evaluation.value();
    boolean isFirst = bestEpoch < 0 || Double.isNaN(bestValue) && !Double.isNaN(value);
    if (isFirst || (evaluation.isHigherBetter() ? value > bestValue : value < bestValue)) {
      bestValue = value;
      bestEpoch = report.epoch();
      seen = 0;
      int k = 0;
      for (Matrix p : parameters.values()) {
        System.arraycopy(p.array(), p.offset(), best.get(k), 0, best.get(k).length);
        k++;
      }
      return true;
    }
    seen++;
    return seen < patience;
  }

  /** The best value so far; NaN before the first epoch. */
  public double bestValue() {
    return bestValue;
  }

  /** The epoch that had it; −1 before the first. */
  public long bestEpoch() {
    return bestEpoch;
  }

  /**
   * Brings the parameters back to those of the best epoch.
   *
   * @throws IllegalStateException if no epoch has been seen
   */
  public void restoreBest() {
    if (bestEpoch < 0) {
      throw new IllegalStateException("no epoch has been evaluated yet");
    }
    int k = 0;
    for (Matrix p : parameters.values()) {
      System.arraycopy(best.get(k), 0, p.array(), p.offset(), best.get(k).length);
      k++;
    }
  }
}
