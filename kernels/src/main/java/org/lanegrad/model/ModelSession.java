package org.lanegrad.model;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.FloatBuffer;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.graph.Session;

/**
 * Runs a {@link Model} on one thread, in memory of its own.
 *
 * <p>A run allocates nothing, but for views of the parts of a matrix of more than the session's
 * rows that it has not met in the run before.
 */
public final class ModelSession {
  private final Model model;
  private final int maxRows;
  private final Session session;

  /** The blocks of the latest matrices of more rows than the session takes at a time. */
  private Matrix wholeX;

  private Matrix wholeY;
  private Matrix[] blocksOfX;
  private Matrix[] blocksOfY;

  /** Where buffers are copied to and from, and views of its first rows. */
  private Matrix[] stagedX = {};

  private Matrix[] stagedY = {};

  ModelSession(Model model, int maxRows) {
    if (maxRows < 1) {
      throw new IllegalArgumentException("maxRows is " + maxRows + ", expected 1 or more");
    }
    this.model = model;
    this.maxRows = maxRows;
    session = model.graph().session(model.output());
  }

  /** The model. */
  public Model model() {
    return model;
  }

  /**
   * Computes a row of y for each row of x.
   *
   * @param x any number of rows, as many columns as {@link Model#inputs()}; transposed views and
   *     rows with gaps between them are copied first where an op needs it
   * @param y as many rows, {@link Model#outputs()} columns, stored by rows; overwritten
   * @throws NullPointerException if a matrix is null
   * @throws IllegalArgumentException if the shapes are others, y is transposed or overlaps x, or
   *     the model takes ints
   */
  public void run(Matrix x, Matrix y) {
    model.check(x, y);
    RunEvent event = RunEvent.begun();
    runBlocks(x, y);
    RunEvent.end(event, x.rows(), 1);
  }

  private void runBlocks(Matrix x, Matrix y) {
    if (x.rows() <= maxRows) {
      runBlock(x, y);
      return;
    }
    if (wholeX != x || wholeY != y) {
      blocksOfX = blocks(x);
      blocksOfY = blocks(y);
      wholeX = x;
      wholeY = y;
    }
    for (int i = 0; i < blocksOfX.length; i++) {
      runBlock(blocksOfX[i], blocksOfY[i]);
    }
  }

  private Matrix[] blocks(Matrix matrix) {
    Matrix[] blocks = new Matrix[(matrix.rows() + maxRows - 1) / maxRows];
    for (int i = 0; i < blocks.length; i++) {
      int from = i * maxRows;
      blocks[i] = matrix.rowRange(from, Math.min(maxRows, matrix.rows() - from));
    }
    return blocks;
  }

  private void runBlock(Matrix x, Matrix y) {
    if (x.rows() > 0) {
      session.bind(model.input(), x).bind(model.output(), y).run();
    }
  }

  /**
   * The same for a model that reads ints.
   *
   * @param words as many for each row of y as the model has inputs
   * @param y any number of rows; they are computed all at once, whatever the session's rows
   * @throws IllegalArgumentException if the shapes are others, or the model takes numbers
   */
  public void run(int[] words, Matrix y) {
    Check.notNull("words", words, "an int[]");
    Check.notNull("y", y, "a Matrix");
    if (!model.takesInts()) {
      throw new IllegalArgumentException(
          "ints are given, expected a Matrix: the model reads numbers");
    }
    Check.equal("words.length", words.length, "y.rows · inputs", (long) y.rows() * model.inputs());
    Check.equal("y.columns", y.columns(), "the model's outputs", model.outputs());
    Check.stored("y", y.isTransposed());
    RunEvent event = RunEvent.begun();
    if (y.rows() > 0) {
      session.bind(model.input(), words).bind(model.output(), y).run();
    }
    RunEvent.end(event, y.rows(), 1);
  }

  /**
   * The same from one buffer to another, from their positions to their limits, which stay: row by
   * row, by one copy each way. They must not share memory.
   *
   * @throws IllegalArgumentException if x holds no whole number of rows, or y not as many
   */
  public void run(FloatBuffer x, FloatBuffer y) {
    Check.notNull("x", x, "a FloatBuffer");
    Check.notNull("y", y, "a FloatBuffer");
    int rows = rows(x.remaining(), y.remaining());
    int block = stage(rows);
    RunEvent event = RunEvent.begun();
    for (int from = 0, count; from < rows; from += count) {
      count = Math.min(block, rows - from);
      Matrix in = stagedX[count];
      Matrix out = stagedY[count];
      x.get(x.position() + from * model.inputs(), in.array(), 0, count * model.inputs());
      runBlock(in, out);
      y.put(y.position() + from * model.outputs(), out.array(), 0, count * model.outputs());
    }
    RunEvent.end(event, rows, 1);
  }

  /**
   * The same from one memory segment of floats to another, in the machine's order of bytes. They
   * must not share memory.
   *
   * @throws IllegalArgumentException if x holds no whole number of rows, or y not as many
   */
  public void run(MemorySegment x, MemorySegment y) {
    Check.notNull("x", x, "a MemorySegment");
    Check.notNull("y", y, "a MemorySegment");
    Check.equal("bytes of x, modulo 4,", x.byteSize() % Float.BYTES, "none", 0);
    int rows = rows(x.byteSize() / Float.BYTES, y.byteSize() / Float.BYTES);
    int block = stage(rows);
    ValueLayout.OfFloat floats = ValueLayout.JAVA_FLOAT_UNALIGNED;
    RunEvent event = RunEvent.begun();
    for (int from = 0, count; from < rows; from += count) {
      count = Math.min(block, rows - from);
      Matrix in = stagedX[count];
      Matrix out = stagedY[count];
      long at = (long) from * model.inputs() * Float.BYTES;
      long to = (long) from * model.outputs() * Float.BYTES;
      MemorySegment.copy(x, floats, at, in.array(), 0, count * model.inputs());
      runBlock(in, out);
      MemorySegment.copy(out.array(), 0, y, floats, to, count * model.outputs());
    }
    RunEvent.end(event, rows, 1);
  }

  private int rows(long floatsOfX, long floatsOfY) {
    if (model.takesInts()) {
      throw new IllegalArgumentException("x holds floats, expected ints: the model reads words");
    }
    int inputs = model.inputs();
    if (inputs == 0 || floatsOfX % inputs != 0) {
      throw new IllegalArgumentException(
          "x holds " + floatsOfX + " floats, expected a multiple of the model's inputs, " + inputs);
    }
    long rows = floatsOfX / inputs;
    Check.equal("floats of y", floatsOfY, "rows · outputs", rows * model.outputs());
    return Check.length("rows", rows);
  }

  /**
   * Sees to it that there are places for so many rows, or for as many as go at a time, and views of
   * the two counts that a run needs.
   *
   * @return how many go at a time
   */
  private int stage(int rows) {
    int block = Math.min(maxRows, rows);
    if (stagedX.length <= block) {
      Matrix x = Matrix.zeros(block, model.inputs());
      Matrix y = Matrix.zeros(block, model.outputs());
      Matrix[] viewsX = new Matrix[block + 1];
      Matrix[] viewsY = new Matrix[block + 1];
      viewsX[block] = x;
      viewsY[block] = y;
      stagedX = viewsX;
      stagedY = viewsY;
    }
    view(block);
    view(block == 0 ? 0 : rows % block);
    return block;
  }

  private void view(int rows) {
    if (stagedY[rows] == null) {
      stagedX[rows] = stagedX[stagedX.length - 1].rowRange(0, rows);
      stagedY[rows] = stagedY[stagedY.length - 1].rowRange(0, rows);
    }
  }
}
