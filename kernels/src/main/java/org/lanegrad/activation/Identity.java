package org.lanegrad.activation;

/**
 * y = x and downstream = upstream: the activation of a linear layer.
 *
 * <p><b>Accuracy</b>: exact. <b>Special values</b>: every bit pattern is copied. <b>Cost</b>: a
 * copy of 8 bytes an element; nothing at all in place.
 */
public record Identity() implements Activation {
  @Override
  public Saved saved() {
    return Saved.OUTPUT;
  }

  @Override
  public void forward(float[] x, int xFrom, float[] y, int yFrom, int length) {
    Activation.checkForward(x, xFrom, y, yFrom, length);
    copy(x, xFrom, y, yFrom, length);
  }

  @Override
  public void backward(
      float[] upstream,
      int upstreamFrom,
      float[] saved,
      int savedFrom,
      float[] downstream,
      int downstreamFrom,
      int length) {
    Activation.checkBackward(
        upstream, upstreamFrom, saved, savedFrom, downstream, downstreamFrom, length);
    copy(upstream, upstreamFrom, downstream, downstreamFrom, length);
  }

  private static void copy(float[] from, int fromIndex, float[] to, int toIndex, int length) {
    if (from != to || fromIndex != toIndex) {
      System.arraycopy(from, fromIndex, to, toIndex, length);
    }
  }
}
