package org.lanegrad.reference.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.commons.math3.Field;
import org.apache.commons.math3.FieldElement;
import org.lanegrad.reference.gate.Binary;
import org.lanegrad.reference.gate.Elementary;
import org.lanegrad.reference.gate.Gate;
import org.lanegrad.reference.gate.Power;

/**
 * A graph of scalar gates that is recorded while its numbers are computed.
 *
 * <p>The backward pass computes with recorded numbers itself, so that gradients are on the tape too
 * and have gradients of their own: the backward pass of the backward pass. It also counts: the work
 * of any formula, forward or backward, is what the tape has grown by.
 */
public final class Tape implements Field<Recorded> {
  private final List<Recorded> numbers = new ArrayList<>();

  /** A number to differentiate by. */
  public Recorded variable(double value) {
    return record(value, null, List.of(), true);
  }

  /** Several of them. */
  public List<Recorded> variables(double... values) {
    List<Recorded> variables = new ArrayList<>(values.length);
    for (double value : values) {
      variables.add(variable(value));
    }
    return variables;
  }

  /** A number through which no gradient flows. */
  public Recorded constant(double value) {
    return record(value, null, List.of(), false);
  }

  Recorded apply(Gate gate, Recorded... inputs) {
    double[] values = new double[inputs.length];
    boolean varies = false;
    for (int i = 0; i < inputs.length; i++) {
      values[i] = inputs[i].getReal();
      varies |= inputs[i].varies();
    }
    return varies
        ? record(gate.at(values), gate, List.of(inputs), true)
        : constant(gate.at(values)); // arithmetic of constants is not the formula's work
  }

  private Recorded record(double value, Gate gate, List<Recorded> inputs, boolean varies) {
    Recorded number = new Recorded(this, numbers.size(), value, gate, inputs, varies);
    numbers.add(number);
    return number;
  }

  /** ∂output/∂x for each x, by one backward pass, as numbers of this tape. */
  public List<Recorded> gradient(Recorded output, List<Recorded> x) {
    List<Recorded> gradients = new ArrayList<>(Collections.nCopies(output.position() + 1, null));
    gradients.set(output.position(), getOne());
    for (int n = output.position(); n >= 0; n--) {
      Recorded upstream = gradients.get(n);
      Recorded number = numbers.get(n);
      for (int i = 0; upstream != null && i < number.inputs().size(); i++) {
        Recorded input = number.inputs().get(i);
        if (input.varies()) {
          Recorded local = number.gate().partial(i, number.inputs());
          Recorded downstream = local.isOne() ? upstream : upstream.multiply(local);
          Recorded sum = gradients.get(input.position());
          gradients.set(input.position(), sum == null ? downstream : sum.add(downstream));
        }
      }
    }
    List<Recorded> wanted = new ArrayList<>(x.size());
    for (Recorded variable : x) {
      boolean reached = variable.position() <= output.position();
      Recorded gradient = reached ? gradients.get(variable.position()) : null;
      wanted.add(gradient == null ? getZero() : gradient);
    }
    return wanted;
  }

  /** The work of all gates so far. */
  public Work work() {
    long multiplications = 0;
    long additions = 0;
    long functions = 0;
    for (Recorded number : numbers) {
      Gate gate = number.gate();
      if (gate == Binary.MULTIPLY
          || gate == Binary.DIVIDE
          || gate == Elementary.RECIPROCAL
          || gate instanceof Power) {
        multiplications++;
      } else if (gate == Binary.ADD || gate == Binary.SUBTRACT || gate == Elementary.NEGATE) {
        additions++;
      } else if (gate != null) {
        functions++;
      }
    }
    return new Work(multiplications, additions, functions);
  }

  @Override
  public Recorded getZero() {
    return constant(0);
  }

  @Override
  public Recorded getOne() {
    return constant(1);
  }

  @Override
  public Class<? extends FieldElement<Recorded>> getRuntimeClass() {
    return Recorded.class;
  }
}
