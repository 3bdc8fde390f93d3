package org.lanegrad.reference.op;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.linear.RealMatrix;
import org.lanegrad.reference.gate.UnaryGate;

/**
 * Y = f(Z), Z = X·W + b, b added to each row.
 *
 * <p>∂Y_ij/∂X_rp = f′(Z_ij)·W_pj where r = i, else 0; ∂Y_ij/∂W_pc = f′(Z_ij)·X_ip where c = j, else
 * 0; ∂Y_ij/∂b_c = f′(Z_ij) where c = j, else 0.
 *
 * @param function f
 * @param batch rows of X and Y
 * @param inputs columns of X
 * @param outputs columns of Y
 */
public record DenseLayer(UnaryGate function, int batch, int inputs, int outputs) implements Op {
  @Override
  public List<Variable> variables() {
    return List.of(
        new Variable("x", batch, inputs),
        new Variable("w", inputs, outputs),
        new Variable("b", 1, outputs));
  }

  @Override
  public Variable output() {
    return new Variable("y", batch, outputs);
  }

  @Override
  public <T extends RealFieldElement<T>> List<T> forward(List<List<T>> values) {
    List<T> x = values.get(0);
    List<T> w = values.get(1);
    List<T> b = values.get(2);
    List<T> y = new ArrayList<>(batch * outputs);
    for (int i = 0; i < batch; i++) {
      for (int j = 0; j < outputs; j++) {
        T z = b.get(j);
        for (int p = 0; p < inputs; p++) {
          z = z.add(x.get(i * inputs + p).multiply(w.get(p * outputs + j)));
        }
        y.add(function.value(z));
      }
    }
    return y;
  }

  @Override
  public RealMatrix jacobian(int variable, double[][] values) {
    double[] slope = new double[batch * outputs];
    for (int o = 0; o < slope.length; o++) {
      slope[o] = function.slopeAt(0, sum(o / outputs, o % outputs, values));
    }
    int size = variables().get(variable).size();
    return Jacobians.of(
        batch * outputs,
        size,
        (o, v) -> slope[o] * partialOfSum(variable, o / outputs, o % outputs, v, values));
  }

  private double sum(int i, int j, double[][] values) {
    double z = values[2][j];
    for (int p = 0; p < inputs; p++) {
      z += values[0][i * inputs + p] * values[1][p * outputs + j];
    }
    return z;
  }

  private double partialOfSum(int variable, int i, int j, int v, double[][] values) {
    return switch (variable) {
      case 0 -> v / inputs == i ? values[1][v % inputs * outputs + j] : 0;
      case 1 -> v % outputs == j ? values[0][i * inputs + v / outputs] : 0;
      default -> v == j ? 1 : 0;
    };
  }
}
