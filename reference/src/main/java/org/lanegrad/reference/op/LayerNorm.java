package org.lanegrad.reference.op;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * y_ij = γ_j·x̂_ij + β_j, x̂_ij = (x_ij − μ_i) / σ_i, μ_i the mean of row i and σ_i = √(variance +
 * ε).
 *
 * <p>∂y_ij/∂x_ik = γ_j/σ_i·(δ_jk − (1 + x̂_ij·x̂_ik) / n); ∂y_ij/∂γ_j = x̂_ij; ∂y_ij/∂β_j = 1. (J.
 * Ba et al., Layer Normalization, 2016.)
 *
 * @param rows the number of rows
 * @param columns n
 * @param epsilon ε
 */
public record LayerNorm(int rows, int columns, double epsilon) implements Op {
  @Override
  public List<Variable> variables() {
    return List.of(
        new Variable("x", rows, columns),
        new Variable("gamma", 1, columns),
        new Variable("beta", 1, columns));
  }

  @Override
  public Variable output() {
    return new Variable("y", rows, columns);
  }

  @Override
  public <T extends RealFieldElement<T>> List<T> forward(List<List<T>> inputs) {
    List<T> y = new ArrayList<>(rows * columns);
    for (int i = 0; i < rows; i++) {
      List<T> row = inputs.get(0).subList(i * columns, (i + 1) * columns);
      T mean = sum(row).divide(columns);
      List<T> squares = new ArrayList<>(columns);
      for (T x : row) {
        squares.add(x.subtract(mean).multiply(x.subtract(mean)));
      }
      T sigma = sum(squares).divide(columns).add(epsilon).sqrt();
      for (int j = 0; j < columns; j++) {
        T normalized = row.get(j).subtract(mean).divide(sigma);
        y.add(normalized.multiply(inputs.get(1).get(j)).add(inputs.get(2).get(j)));
      }
    }
    return y;
  }

  private static <T extends RealFieldElement<T>> T sum(List<T> terms) {
    T sum = terms.get(0);
    for (T term : terms.subList(1, terms.size())) {
      sum = sum.add(term);
    }
    return sum;
  }

  @Override
  public RealMatrix jacobian(int variable, double[][] inputs) {
    double[] x = inputs[0];
    double[] normalized = new double[x.length];
    double[] sigma = new double[rows];
    for (int i = 0; i < rows; i++) {
      double mean = Rows.mean(i * columns, columns, j -> x[j]);
      double variance = Rows.mean(i * columns, columns, j -> (x[j] - mean) * (x[j] - mean));
      sigma[i] = Math.sqrt(variance + epsilon);
      for (int j = i * columns; j < (i + 1) * columns; j++) {
        normalized[j] = (x[j] - mean) / sigma[i];
      }
    }
    int size = variables().get(variable).size();
    return Jacobians.of(
        x.length,
        size,
        (o, v) -> {
          if (variable > 0) {
            return v == o % columns ? (variable == 1 ? normalized[o] : 1) : 0;
          }
          if (o / columns != v / columns) {
            return 0;
          }
          double centred = (1 + normalized[o] * normalized[v]) / columns;
          return inputs[1][o % columns] / sigma[o / columns] * ((o == v ? 1 : 0) - centred);
        });
  }
}
