package org.lanegrad.graph;

/** What a reduction runs over. */
public enum Over {
  /** All rows: one row is left. */
  ROWS,
  /** All columns: one column is left. */
  COLUMNS,
  /** All elements: one number is left. */
  ALL;

  /** The shape that is left of another. */
  Shape of(Shape shape) {
    return switch (this) {
      case ROWS -> shape.row();
      case COLUMNS -> shape.withColumns(1);
      case ALL -> Shape.number();
    };
  }

  /** The shape of what is reduced to one element. */
  Shape counted(Shape shape) {
    return switch (this) {
      case ROWS -> shape.withColumns(1);
      case COLUMNS -> shape.row();
      case ALL -> shape;
    };
  }
}
