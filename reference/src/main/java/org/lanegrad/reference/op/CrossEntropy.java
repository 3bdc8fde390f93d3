package org.lanegrad.reference.op;

import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * Softmax cross-entropy of logits x: the negative log-likelihood of their log-softmax. ∂L/∂x_rk =
 * scale·(p_rk·Σ_j c_rj − c_rk), p the row's softmax, c and scale as {@link Targets} say.
 *
 * @param targets labels and options
 */
public record CrossEntropy(Targets targets) implements Op {
  /** The mean over rows, without options. */
  public CrossEntropy(int[] labels, int classes) {
    this(Targets.of(labels, classes));
  }

  @Override
  public List<Variable> variables() {
    return List.of(new Variable("logits", targets.rows(), targets.classes()));
  }

  @Override
  public Variable output() {
    return new Variable("loss", 1, targets.outputs());
  }

  @Override
  public <T extends RealFieldElement<T>> List<T> forward(List<List<T>> inputs) {
    LogSoftmax logSoftmax = new LogSoftmax(targets.rows(), targets.classes());
    return new NegativeLogLikelihood(targets).forward(List.of(logSoftmax.forward(inputs)));
  }

  @Override
  public RealMatrix jacobian(int variable, double[][] inputs) {
    int classes = targets.classes();
    double[] p = new double[inputs[0].length];
    double[] sums = new double[targets.rows()];
    for (int r = 0; r < targets.rows(); r++) {
      Rows.softmax(inputs[0], r * classes, classes, p);
      for (int j = 0; j < classes; j++) {
        sums[r] += targets.coefficient(r, j);
      }
    }
    double scale = targets.scale();
    boolean apart = targets.reduction() == Reduction.NONE;
    return Jacobians.of(
        targets.outputs(),
        p.length,
        (o, v) -> {
          int r = v / classes;
          double slope = p[v] * sums[r] - targets.coefficient(r, v % classes);
          return apart && r != o ? 0 : scale * slope;
        });
  }
}
