package org.lanegrad.reference.op;

/**
 * An input or the output of an op: a name and a shape, its elements flattened row by row.
 *
 * @param name the formula's name for it
 * @param rows the number of rows, 1 for a vector
 * @param columns the number of columns
 */
public record Variable(String name, int rows, int columns) {
  /** The number of elements. */
  public int size() {
    return rows * columns;
  }

  @Override
  public String toString() {
    return name + ", " + rows + " × " + columns;
  }
}
