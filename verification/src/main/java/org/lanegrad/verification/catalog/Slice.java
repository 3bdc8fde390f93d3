package org.lanegrad.verification.catalog;

import java.util.Arrays;
import org.lanegrad.Matrix;

/**
 * A range of a larger array whose margins hold canaries, so that a kernel that writes outside its
 * range is caught.
 */
public final class Slice {
  /** A quiet NaN with a payload that no arithmetic produces. */
  private static final int CANARY = 0x7fc5_a5a5;

  private static final int MARGIN = 37;

  private final float[] array;
  private final int offset;
  private final int length;
  private Matrix view;

  private Slice(float[] array, int offset, int length) {
    this.array = array;
    this.offset = offset;
    this.length = length;
  }

  /** Room for {@code length} elements from {@code offset} on, all canaries as yet. */
  public static Slice room(int length, int offset) {
    float[] array = new float[offset + length + MARGIN];
    Arrays.fill(array, Float.intBitsToFloat(CANARY));
    return new Slice(array, offset, length);
  }

  /** Room that holds the given values. */
  public static Slice of(double[] values, int offset) {
    Slice slice = room(values.length, offset);
    for (int i = 0; i < values.length; i++) {
      slice.array[offset + i] = (float) values[i];
    }
    return slice;
  }

  /** The array, margins included. */
  public float[] array() {
    return array;
  }

  /** The index of the first element. */
  public int offset() {
    return offset;
  }

  /** The number of elements. */
  public int length() {
    return length;
  }

  /** The elements as a row-major matrix; the latest view is kept, so that a pass allocates none. */
  public Matrix matrix(int rows, int columns) {
    if (view == null || view.rows() != rows || view.columns() != columns) {
      view = Matrix.of(array, offset, rows, columns, columns);
    }
    return view;
  }

  /** Copies the elements into an array of their own. */
  public void copyTo(float[] to) {
    System.arraycopy(array, offset, to, 0, length);
  }

  /** Copies an array in. */
  public void copyFrom(float[] from) {
    System.arraycopy(from, 0, array, offset, length);
  }

  /** Multiplies some of the elements by a factor. */
  public void scale(int from, int count, float factor) {
    for (int i = offset + from; i < offset + from + count; i++) {
      array[i] *= factor;
    }
  }

  /** The elements as doubles. */
  public double[] values() {
    double[] values = new double[length];
    for (int i = 0; i < length; i++) {
      values[i] = array[offset + i];
    }
    return values;
  }

  /** Whether the margins are as they were made. */
  public boolean marginsIntact() {
    for (int i = 0; i < array.length; i++) {
      boolean inside = i >= offset && i < offset + length;
      if (!inside && Float.floatToRawIntBits(array[i]) != CANARY) {
        return false;
      }
    }
    return true;
  }
}
