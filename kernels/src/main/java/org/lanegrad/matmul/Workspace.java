package org.lanegrad.matmul;

/**
 * Scratch memory for packed blocks, made once by the caller and lent to one call at a time.
 *
 * <p>It starts empty and grows when a product needs more, so the steady state allocates nothing. It
 * never shrinks; for the largest product it holds about 3 MB. Not thread-safe: one thread, one
 * workspace.
 */
public final class Workspace {
  private final Tile tile = new Tile();
  private float[] a = new float[0];
  private float[] b = new float[0];
  private float[] square = new float[0];
  private float[] corner = new float[0];

  /** An empty workspace. */
  public Workspace() {}

  Tile tile() {
    return tile;
  }

  float[] packedA(int length) {
    if (a.length < length) {
      a = new float[length];
    }
    return a;
  }

  float[] packedB(int length) {
    if (b.length < length) {
      b = new float[length];
    }
    return b;
  }

  /** The scratch of {@link Transpose}. */
  float[] square() {
    if (square.length == 0) {
      square = new float[Transpose.scratchLength()];
    }
    return square;
  }

  /** The scratch of {@link MicroKernel}. */
  float[] corner() {
    if (corner.length == 0) {
      corner = new float[MicroKernel.ROWS * MicroKernel.COLUMNS];
    }
    return corner;
  }
}
