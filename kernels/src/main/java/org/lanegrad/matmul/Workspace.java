package org.lanegrad.matmul;

import java.util.Arrays;
import org.lanegrad.Matrix;

/**
 * Scratch memory for packed blocks, made once by the caller and lent to one call at a time.
 *
 * <p>It starts empty and grows when a product needs more, so the steady state allocates nothing. It
 * never shrinks; blocks take about 5 MB at the most, and a product with a transposed right operand
 * and few rows besides as much as its result. Not thread-safe: one thread, one workspace.
 */
public final class Workspace {
  private final Tile tile = new Tile();
  private Panels panels;
  private float[] packedA = new float[0];
  private float[] output = new float[0];

  /** Views of it, the latest ones: layers of several shapes share a workspace and allocate none. */
  private final Matrix[] outputViews = new Matrix[16];

  private int nextView;
  private float[] square = new float[0];
  private float[] edge = new float[0];
  private float[] expanded = new float[0];

  /** An empty workspace. */
  public Workspace() {}

  Tile tile() {
    return tile;
  }

  /** Panels of B. */
  Panels panels() {
    if (panels == null) {
      panels = new Panels(true);
    }
    return panels;
  }

  /** A block of A. */
  float[] packedA() {
    if (packedA.length == 0) {
      packedA = new float[Blocking.roomForA()];
    }
    return packedA;
  }

  /** A result that is computed transposed, or a copy of an operand. */
  Matrix output(int rows, int columns) {
    if (output.length < rows * columns) {
      output = new float[rows * columns];
      Arrays.fill(outputViews, null);
    }
    for (Matrix view : outputViews) {
      if (view != null && view.rows() == rows && view.columns() == columns) {
        return view;
      }
    }
    Matrix view = Matrix.of(output, rows, columns);
    outputViews[nextView] = view;
    nextView = (nextView + 1) % outputViews.length;
    return view;
  }

  /** A panel of floats that were stored as {@link Halves}. */
  float[] expanded() {
    if (expanded.length == 0) {
      expanded = new float[Blocking.roomForPanel()];
    }
    return expanded;
  }

  /** The scratch of {@link Transpose}. */
  float[] square() {
    if (square.length == 0) {
      square = new float[Transpose.scratchLength()];
    }
    return square;
  }

  /** A panel of C whose last columns do not exist. */
  float[] edge() {
    if (edge.length == 0) {
      edge = new float[Blocking.roomForEdge()];
    }
    return edge;
  }
}
