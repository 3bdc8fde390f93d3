package org.lanegrad.reference.op;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * Y = α·A·B + β·C, with A or B stored transposed if wanted.
 *
 * <p>∂Y_ij/∂A_rp = α·B_pj where r = i, else 0; ∂Y_ij/∂B_pc = α·A_ip where c = j, else 0;
 * ∂Y_ij/∂C_rc = β where (r, c) = (i, j), else 0.
 *
 * @param alpha α
 * @param transposeA whether variable a holds Aᵀ, k × m
 * @param transposeB whether variable b holds Bᵀ, n × k
 * @param beta β
 * @param m rows of Y
 * @param k the inner size
 * @param n columns of Y
 */
public record MatMul(
    double alpha, boolean transposeA, boolean transposeB, double beta, int m, int k, int n)
    implements Op {
  @Override
  public List<Variable> variables() {
    return List.of(
        transposeA ? new Variable("a", k, m) : new Variable("a", m, k),
        transposeB ? new Variable("b", n, k) : new Variable("b", k, n),
        new Variable("c", m, n));
  }

  @Override
  public Variable output() {
    return new Variable("y", m, n);
  }

  @Override
  public <T extends RealFieldElement<T>> List<T> forward(List<List<T>> inputs) {
    List<T> a = inputs.get(0);
    List<T> b = inputs.get(1);
    List<T> c = inputs.get(2);
    List<T> y = new ArrayList<>(m * n);
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        T sum = c.get(i * n + j).multiply(beta);
        for (int p = 0; p < k; p++) {
          sum = sum.add(a.get(indexA(i, p)).multiply(b.get(indexB(p, j))).multiply(alpha));
        }
        y.add(sum);
      }
    }
    return y;
  }

  @Override
  public RealMatrix jacobian(int variable, double[][] inputs) {
    int size = variables().get(variable).size();
    return Jacobians.of(m * n, size, (o, x) -> partial(variable, o / n, o % n, x, inputs));
  }

  private double partial(int variable, int i, int j, int x, double[][] inputs) {
    return switch (variable) {
      case 0 -> {
        int p = transposeA ? x / m : x % k;
        yield x == indexA(i, p) ? alpha * inputs[1][indexB(p, j)] : 0;
      }
      case 1 -> {
        int p = transposeB ? x % k : x / n;
        yield x == indexB(p, j) ? alpha * inputs[0][indexA(i, p)] : 0;
      }
      default -> x == i * n + j ? beta : 0;
    };
  }

  private int indexA(int i, int p) {
    return transposeA ? p * m + i : i * k + p;
  }

  private int indexB(int p, int j) {
    return transposeB ? j * k + p : p * n + j;
  }
}
