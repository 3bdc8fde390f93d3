package org.lanegrad;

import java.util.Locale;
import org.lanegrad.check.Check;
import org.lanegrad.simd.Simd;

/**
 * A[i, j] = array[offset + i·rowStep + j·columnStep]: an immutable view of a {@code float[]} as a
 * matrix.
 *
 * <p>The array itself stays the caller's and may change; the view only says where the elements
 * stand. A view is checked once, when it is made, so a kernel that is given one needs no further
 * bounds check of it. Storage is row-major: {@code rowStride} elements lie between the starts of
 * two rows (BLAS calls it the leading dimension), and {@link #transposed()} swaps the roles of rows
 * and columns without touching an element.
 *
 * <p><b>Errors</b>: the factories throw {@link NullPointerException} for a null array and {@link
 * IllegalArgumentException} for a negative size, a row stride below the number of columns, or a
 * view that would reach outside its array; each message names the argument, what was given and what
 * was expected. Sizes are added up in 64 bits, so no combination can overflow unnoticed.
 */
public final class Matrix {
  private static final int LINE = 16;

  private final float[] array;
  private final int offset;
  private final int rows;
  private final int columns;
  private final int rowStride;
  private final boolean transposed;
  private final Matrix twin;

  /** Makes the view and, unless it is given, its transpose: a view is made once and used often. */
  private Matrix(
      float[] array,
      int offset,
      int rows,
      int columns,
      int rowStride,
      boolean transposed,
      Matrix twin) {
    this.array = array;
    this.offset = offset;
    this.rows = rows;
    this.columns = columns;
    this.rowStride = rowStride;
    this.transposed = transposed;
    this.twin =
        twin != null
            ? twin
            : new Matrix(array, offset, rows, columns, rowStride, !transposed, this);
  }

  /** A dense row-major view of {@code rows × columns} elements from the array's first one on. */
  public static Matrix of(float[] array, int rows, int columns) {
    return of(array, 0, rows, columns, columns);
  }

  /** A new {@code rows × columns} matrix of zeros, with an array of its own. */
  public static Matrix zeros(int rows, int columns) {
    Check.size("rows", rows);
    Check.size("columns", columns);
    return of(new float[Check.product("rows · columns", rows, columns)], rows, columns);
  }

  /**
   * A new {@code rows × columns} matrix of zeros whose rows start at cache lines, as far as HotSpot
   * allows.
   *
   * <p>A vector of 64 bytes that does not start at a cache line touches two. G1 puts an array of
   * half a region or more (512 KB with a heap of up to 2 GB) 16 bytes past a line, and with {@code
   * -XX:ObjectAlignmentInBytes=64} any collector does so with all of them. So element (0, 0) stands
   * a line behind the array's header (it has index 12, or 13 under {@code
   * -XX:+UseCompactObjectHeaders}), and rows are padded to 16 elements: a tenth to a sixth less
   * time for kernels that wait for loads and stores, and for smaller arrays no difference.
   */
  public static Matrix aligned(int rows, int columns) {
    Check.size("rows", rows);
    Check.size("columns", columns);
    long rowStride = (columns + (LINE - 1L)) / LINE * LINE;
    int stride = Check.length("columns, padded to 16,", rowStride);
    int length =
        Check.length(
            Simd.LINE_START + " + rows · padded columns", Simd.LINE_START + rows * rowStride);
    return of(new float[length], Simd.LINE_START, rows, columns, stride);
  }

  /**
   * A row-major view whose rows start {@code rowStride} elements apart.
   *
   * @param array the elements
   * @param offset the index of element (0, 0)
   * @param rows the number of rows, may be 0
   * @param columns the number of columns, may be 0
   * @param rowStride the distance between the starts of two rows, at least {@code columns}
   */
  public static Matrix of(float[] array, int offset, int rows, int columns, int rowStride) {
    Check.notNull("array", array, "a float[]");
    Check.size("offset", offset);
    Check.size("rows", rows);
    Check.size("columns", columns);
    if (rowStride < columns) {
      throw new IllegalArgumentException(
          "rowStride is " + rowStride + ", expected at least the number of columns, " + columns);
    }
    long end = offset + extent(rows, columns, rowStride);
    if (end > array.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "a view of %d × %d with row stride %d at offset %d ends at %d, but the array has length %d",
              rows,
              columns,
              rowStride,
              offset,
              end,
              array.length));
    }
    return new Matrix(array, offset, rows, columns, rowStride, false, null);
  }

  /** The transpose, a view of the same elements; allocates nothing. */
  public Matrix transposed() {
    return twin;
  }

  /**
   * Rows {@code from} to {@code from + count − 1} of this view, as a view of the same elements;
   * this one if that is all of them.
   */
  public Matrix rowRange(int from, int count) {
    Check.subrange("rows", from, count, rows());
    if (count == rows()) {
      return this;
    }
    int start = count == 0 ? offset : index(from, 0);
    return transposed
        ? new Matrix(array, start, rows, count, rowStride, true, null)
        : new Matrix(array, start, count, columns, rowStride, false, null);
  }

  /**
   * Columns {@code from} to {@code from + count − 1}, as a view of the same elements; this one if
   * that is all of them.
   */
  public Matrix columnRange(int from, int count) {
    return transposed().rowRange(from, count).transposed();
  }

  /** The array that holds the elements. */
  public float[] array() {
    return array;
  }

  /** The index in {@link #array()} of element (0, 0). */
  public int offset() {
    return offset;
  }

  /** The number of rows of this view. */
  public int rows() {
    return transposed ? columns : rows;
  }

  /** The number of columns of this view. */
  public int columns() {
    return transposed ? rows : columns;
  }

  /** The distance in {@link #array()} between two neighbours of a column. */
  public int rowStep() {
    return transposed ? 1 : rowStride;
  }

  /** The distance in {@link #array()} between two neighbours of a row. */
  public int columnStep() {
    return transposed ? rowStride : 1;
  }

  /** Whether the rows of this view are the columns of the storage. */
  public boolean isTransposed() {
    return transposed;
  }

  /** Whether the elements stand row after row without a gap. */
  public boolean isContiguous() {
    return !transposed && (rowStride == columns || rows <= 1);
  }

  /** The index in {@link #array()} of element (i, j); i and j are not checked. */
  public int index(int i, int j) {
    return offset + i * rowStep() + j * columnStep();
  }

  /** The element (i, j), checked. */
  public float get(int i, int j) {
    Check.index("i", i, "rows", rows());
    Check.index("j", j, "columns", columns());
    return array[index(i, j)];
  }

  /** Writes the element (i, j), checked. */
  public void set(int i, int j, float value) {
    Check.index("i", i, "rows", rows());
    Check.index("j", j, "columns", columns());
    array[index(i, j)] = value;
  }

  /** Whether the two views show the same elements in the same places. */
  public boolean isSameView(Matrix other) {
    return array == other.array
        && offset == other.offset
        && rows == other.rows
        && columns == other.columns
        && rowStride == other.rowStride
        && transposed == other.transposed;
  }

  /**
   * Whether the two views may share an element: same array, and their extents meet, unless they are
   * blocks of different columns of one larger matrix. Of views with different row strides only the
   * extents are looked at.
   */
  public boolean overlaps(Matrix other) {
    return overlaps(other.array, other.offset, extent(other.rows, other.columns, other.rowStride))
        && !isBesideColumnsOf(other);
  }

  /** Whether rows of the same stride leave the other's elements out, all around. */
  private boolean isBesideColumnsOf(Matrix other) {
    if (rowStride != other.rowStride) {
      return false;
    }
    int ahead = Math.floorMod(other.offset - offset, rowStride);
    return ahead >= columns && rowStride - ahead >= other.columns;
  }

  /** Whether this view may share an element with {@code length} elements of {@code other}. */
  public boolean overlaps(float[] other, int from, long length) {
    long extent = extent(rows, columns, rowStride);
    return array == other
        && extent > 0
        && length > 0
        && offset < from + length
        && from < offset + extent;
  }

  @Override
  public String toString() {
    return rows() + " × " + columns() + (transposed ? " (transposed)" : "");
  }

  private static long extent(int rows, int columns, int rowStride) {
    return rows == 0 || columns == 0 ? 0 : (rows - 1L) * rowStride + columns;
  }
}
