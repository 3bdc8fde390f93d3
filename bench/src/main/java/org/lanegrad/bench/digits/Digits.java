package org.lanegrad.bench.digits;

/**
 * Images of digits with their labels.
 *
 * @param pixels 64 values 0 … 1 an image, row by row of 8 × 8
 * @param labels the digit of each image
 */
@SuppressWarnings("ArrayRecordComponent") // a data set, never compared
public record Digits(float[] pixels, int[] labels) {
  /** Pixels of one image. */
  public static final int PIXELS = 64;

  /** Digits 0 … 9. */
  public static final int CLASSES = 10;

  /** The largest value of a pixel in a file. */
  static final int MAX_VALUE = 16;

  /** The number of images. */
  public int size() {
    return labels.length;
  }
}
