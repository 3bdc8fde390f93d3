package org.lanegrad.activation;

/**
 * A piecewise-linear activation with two slopes: one bit an element says which slope the backward
 * pass takes, an eighth of the memory traffic of a byte and a thirty-second of a saved float's.
 *
 * <p>Bit {@code i & 63} of word {@code bitsFrom + (i >>> 6)} belongs to element i. Bits past the
 * last element of the last word are written as 0.
 */
public interface BitActivation extends Activation {
  /** As {@link Activation#forward}, and writes the bits. */
  void forward(float[] x, int xFrom, float[] y, int yFrom, long[] bits, int bitsFrom, int length);

  /** downstream = upstream · (bit ? slope where on : slope where off). */
  void backward(
      float[] upstream,
      int upstreamFrom,
      long[] bits,
      int bitsFrom,
      float[] downstream,
      int downstreamFrom,
      int length);
}
