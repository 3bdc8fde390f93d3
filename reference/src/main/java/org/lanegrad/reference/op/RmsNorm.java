package org.lanegrad.reference.op;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * y_ij = γ_j·x̂_ij, x̂_ij = x_ij / ρ_i, ρ_i = √(mean of x² in row i + ε).
 *
 * <p>∂y_ij/∂x_ik = γ_j/ρ_i·(δ_jk − x̂_ij·x̂_ik / n); ∂y_ij/∂γ_j = x̂_ij. (B. Zhang, R. Sennrich,
 * Root Mean Square Layer Normalization, 2019.)
 *
 * @param rows the number of rows
 * @param columns n
 * @param epsilon ε
 */
public record RmsNorm(int rows, int columns, double epsilon) implements Op {
  @Override
  public List<Variable> variables() {
    return List.of(new Variable("x", rows, columns), new Variable("gamma", 1, columns));
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
      T sum = row.get(0).getField().getZero();
      for (T x : row) {
        sum = sum.add(x.multiply(x));
      }
      T rho = sum.divide(columns).add(epsilon).sqrt();
      for (int j = 0; j < columns; j++) {
        y.add(row.get(j).divide(rho).multiply(inputs.get(1).get(j)));
      }
    }
    return y;
  }

  @Override
  public RealMatrix jacobian(int variable, double[][] inputs) {
    double[] x = inputs[0];
    double[] rho = new double[rows];
    for (int i = 0; i < rows; i++) {
      rho[i] = Math.sqrt(Rows.mean(i * columns, columns, j -> x[j] * x[j]) + epsilon);
    }
    int size = variables().get(variable).size();
    return Jacobians.of(
        x.length,
        size,
        (o, v) -> {
          double scale = rho[o / columns];
          if (variable == 1) {
            return v == o % columns ? x[o] / scale : 0;
          }
          if (o / columns != v / columns) {
            return 0;
          }
          double own = x[o] / scale * (x[v] / scale) / columns;
          return inputs[1][o % columns] / scale * ((o == v ? 1 : 0) - own);
        });
  }
}
