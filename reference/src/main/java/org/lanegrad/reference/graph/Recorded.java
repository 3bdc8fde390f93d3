package org.lanegrad.reference.graph;

import java.util.List;
import org.apache.commons.math3.Field;
import org.apache.commons.math3.RealFieldElement;
import org.lanegrad.reference.gate.Binary;
import org.lanegrad.reference.gate.Elementary;
import org.lanegrad.reference.gate.Gate;
import org.lanegrad.reference.gate.Power;
import org.lanegrad.reference.gate.Smooth;

/** A number that remembers the gate and the inputs that it came from; see {@link Tape}. */
public final class Recorded extends Unrecorded implements RealFieldElement<Recorded> {
  private final Tape tape;
  private final int position;
  private final double value;
  private final Gate gate;
  private final List<Recorded> inputs;
  private final boolean varies;

  Recorded(
      Tape tape, int position, double value, Gate gate, List<Recorded> inputs, boolean varies) {
    this.tape = tape;
    this.position = position;
    this.value = value;
    this.gate = gate;
    this.inputs = inputs;
    this.varies = varies;
  }

  /** Its place on the tape, after those of its inputs. */
  int position() {
    return position;
  }

  /** Null for a variable or a constant. */
  Gate gate() {
    return gate;
  }

  List<Recorded> inputs() {
    return inputs;
  }

  /** Whether it depends on a variable. */
  boolean varies() {
    return varies;
  }

  boolean isOne() {
    return gate == null && !varies && value == 1;
  }

  @Override
  public double getReal() {
    return value;
  }

  @Override
  public Field<Recorded> getField() {
    return tape;
  }

  @Override
  public String toString() {
    return (gate == null ? "" : gate + " = ") + value;
  }

  @Override
  public Recorded add(Recorded y) {
    return tape.apply(Binary.ADD, this, y);
  }

  @Override
  public Recorded add(double y) {
    return add(tape.constant(y));
  }

  @Override
  public Recorded subtract(Recorded y) {
    return tape.apply(Binary.SUBTRACT, this, y);
  }

  @Override
  public Recorded subtract(double y) {
    return subtract(tape.constant(y));
  }

  @Override
  public Recorded negate() {
    return tape.apply(Elementary.NEGATE, this);
  }

  @Override
  public Recorded multiply(Recorded y) {
    return tape.apply(Binary.MULTIPLY, this, y);
  }

  @Override
  public Recorded multiply(double y) {
    return multiply(tape.constant(y));
  }

  @Override
  public Recorded multiply(int y) {
    return multiply(tape.constant(y));
  }

  @Override
  public Recorded divide(Recorded y) {
    return tape.apply(Binary.DIVIDE, this, y);
  }

  @Override
  public Recorded divide(double y) {
    return divide(tape.constant(y));
  }

  @Override
  public Recorded reciprocal() {
    return tape.apply(Elementary.RECIPROCAL, this);
  }

  @Override
  public Recorded exp() {
    return tape.apply(Elementary.EXP, this);
  }

  @Override
  public Recorded expm1() {
    return tape.apply(Elementary.EXPM1, this);
  }

  @Override
  public Recorded log() {
    return tape.apply(Elementary.LOG, this);
  }

  @Override
  public Recorded log1p() {
    return tape.apply(Elementary.LOG1P, this);
  }

  @Override
  public Recorded sqrt() {
    return tape.apply(Elementary.SQRT, this);
  }

  @Override
  public Recorded abs() {
    return tape.apply(Elementary.ABS, this);
  }

  @Override
  public Recorded tanh() {
    return tape.apply(Smooth.TANH, this);
  }

  @Override
  public Recorded cosh() {
    return exp().add(negate().exp()).multiply(0.5);
  }

  @Override
  public Recorded sinh() {
    return exp().subtract(negate().exp()).multiply(0.5);
  }

  @Override
  public Recorded pow(int n) {
    return tape.apply(new Power(n), this);
  }
}
