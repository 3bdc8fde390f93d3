package org.lanegrad.graph;

import org.lanegrad.Matrix;

/** The inputs or the outputs of one op in a running session. */
public final class Operands {
  private final Matrix[] matrices;
  private final int[][] ints;
  private final long[][] bits;
  private final int[] slots;

  /** Slots of a session's values; −1 for an output that nobody wants. */
  Operands(Matrix[] matrices, int[][] ints, long[][] bits, int[] slots) {
    this.matrices = matrices;
    this.ints = ints;
    this.bits = bits;
    this.slots = slots;
  }

  /** How many there are. */
  public int count() {
    return slots.length;
  }

  /** Whether an output is wanted; an input always is. */
  public boolean isWanted(int number) {
    return slots[number] >= 0;
  }

  /**
   * An operand of numbers; null for an output that nobody wants. Rows lie as they are stored, one
   * after the other, unless the op {@linkplain Op#takesViews takes views}.
   */
  public Matrix matrix(int number) {
    return slots[number] < 0 ? null : matrices[slots[number]];
  }

  /**
   * The array of an operand that is a single row, or {@linkplain Op#fillsArray fills its array}.
   */
  public float[] array(int number) {
    return slots[number] < 0 ? null : matrices[slots[number]].array();
  }

  /** An operand that is one number. */
  public float number(int number) {
    Matrix matrix = matrices[slots[number]];
    return matrix.array()[matrix.offset()];
  }

  /** Writes an output that is one number, if it is wanted. */
  public void set(int number, float value) {
    if (slots[number] >= 0) {
      Matrix matrix = matrices[slots[number]];
      matrix.array()[matrix.offset()] = value;
    }
  }

  /** An operand of ints. */
  public int[] ints(int number) {
    return ints[slots[number]];
  }

  /** An operand of bits; null for an output that nobody wants. */
  public long[] bits(int number) {
    return slots[number] < 0 ? null : bits[slots[number]];
  }
}
