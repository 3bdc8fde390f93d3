package org.lanegrad.reference.op;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * y_i = s·x_i if element i is kept, else 0; s is 1 / (1 − rate) as fp32 has it. An element is kept
 * by the upper 24 bits of a hash of draw and index.
 *
 * @param size elements of x
 * @param rate how often one is dropped
 * @param draw a random number
 */
public record Dropout(int size, float rate, int draw) implements Op {
  @Override
  public List<Variable> variables() {
    return List.of(new Variable("x", 1, size));
  }

  @Override
  public Variable output() {
    return new Variable("y", 1, size);
  }

  @Override
  public <T extends RealFieldElement<T>> List<T> forward(List<List<T>> inputs) {
    List<T> y = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      y.add(inputs.get(0).get(i).multiply(slope(i)));
    }
    return y;
  }

  @Override
  public RealMatrix jacobian(int variable, double[][] inputs) {
    return Jacobians.of(size, size, (o, i) -> o == i ? slope(i) : 0);
  }

  private double slope(int i) {
    // modulo 2³², in longs
    long mask = 0xffffffffL;
    long h = draw + i * 0x9e3779b9L & mask;
    h = (h ^ h >> 16) * 0x21f0aaadL & mask;
    h = (h ^ h >> 15) * 0x735a2d97L & mask;
    h ^= h >> 15;
    return h / 256 < Math.round(rate * 16777216.0) ? 0 : 1f / (1f - rate);
  }
}
