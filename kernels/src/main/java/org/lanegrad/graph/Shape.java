package org.lanegrad.graph;

import org.lanegrad.check.Check;

/**
 * Rows × columns of a value, where the rows may be the batch, whose size is known only when a
 * {@link Session} runs.
 *
 * @param kind what the elements are
 * @param isBatch whether there are {@code rows} rows for each example of the batch
 * @param rows the number of rows, or of rows an example
 * @param columns the number of columns
 */
public record Shape(Kind kind, boolean isBatch, int rows, int columns) {
  /** What the elements of a value are. */
  public enum Kind {
    /** Numbers, which have gradients. */
    FLOATS,
    /** Labels and words, which have none. */
    INTS,
    /** A bit an element, kept by a forward pass for its backward pass. */
    BITS
  }

  /** Checks the sizes. */
  public Shape {
    Check.notNull("kind", kind, "a Kind");
    Check.size("rows", rows);
    Check.size("columns", columns);
  }

  /** Numbers, rows × columns. */
  public static Shape of(int rows, int columns) {
    return new Shape(Kind.FLOATS, false, rows, columns);
  }

  /** Numbers, a row for each example of the batch. */
  public static Shape batch(int columns) {
    return new Shape(Kind.FLOATS, true, 1, columns);
  }

  /** One number. */
  public static Shape number() {
    return of(1, 1);
  }

  /** As many rows of so many columns. */
  public Shape withColumns(int count) {
    return new Shape(kind, isBatch, rows, count);
  }

  /** A row of as many columns. */
  public Shape row() {
    return new Shape(kind, false, 1, columns);
  }

  /** The same size of another kind. */
  public Shape as(Kind other) {
    return new Shape(other, isBatch, rows, columns);
  }

  /** Whether it is one number. */
  public boolean isNumber() {
    return kind == Kind.FLOATS && !isBatch && rows == 1 && columns == 1;
  }

  /** Whether it is a single row, whatever the batch. */
  public boolean isRow() {
    return !isBatch && rows == 1;
  }

  /** Whether it has as many rows as another shape, whatever the batch. */
  public boolean hasRowsOf(Shape other) {
    return isBatch == other.isBatch && rows == other.rows;
  }

  /** The number of rows at some size of the batch. */
  public int rowsAt(int batch) {
    return isBatch ? Check.product("batch · rows", batch, rows) : rows;
  }

  /** The number of elements at some size of the batch. */
  public int sizeAt(int batch) {
    return Check.product("rows · columns", rowsAt(batch), columns);
  }

  @Override
  public String toString() {
    String count = isBatch ? (rows == 1 ? "batch" : "batch·" + rows) : Integer.toString(rows);
    String suffix = kind == Kind.FLOATS ? "" : kind == Kind.INTS ? " ints" : " bits";
    return count + " × " + columns + suffix;
  }
}
