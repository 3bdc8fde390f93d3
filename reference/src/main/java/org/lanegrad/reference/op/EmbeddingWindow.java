package org.lanegrad.reference.op;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.RealFieldElement;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * Row i of y is the vectors of the words of window i, one after the other: y_i = (E_{w_i1},
 * E_{w_i2}, …), a vector of zeros for padding. ∂y/∂E_rc = 1 wherever E_rc was copied to: a word
 * that occurs twice gets both gradients.
 *
 * @param words a row of word numbers for each window, −1 for padding
 * @param width words a window
 * @param vocabulary rows of E
 * @param dimension columns of E
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record EmbeddingWindow(int[] words, int width, int vocabulary, int dimension) implements Op {
  @Override
  public List<Variable> variables() {
    return List.of(new Variable("e", vocabulary, dimension));
  }

  @Override
  public Variable output() {
    return new Variable("y", words.length / width, width * dimension);
  }

  @Override
  public <T extends RealFieldElement<T>> List<T> forward(List<List<T>> inputs) {
    List<T> e = inputs.get(0);
    T zero = e.get(0).getField().getZero();
    List<T> y = new ArrayList<>(words.length * dimension);
    for (int word : words) {
      for (int c = 0; c < dimension; c++) {
        y.add(word < 0 ? zero : e.get(word * dimension + c));
      }
    }
    return y;
  }

  @Override
  public RealMatrix jacobian(int variable, double[][] inputs) {
    return Jacobians.of(
        words.length * dimension,
        vocabulary * dimension,
        (o, v) -> words[o / dimension] == v / dimension && o % dimension == v % dimension ? 1 : 0);
  }
}
