package org.lanegrad.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.CollectionAccumulator;
import org.lanegrad.Lanegrad;
import org.lanegrad.Matrix;
import org.lanegrad.model.Model;
import org.lanegrad.model.ModelSession;
import org.lanegrad.model.OnnxFile;

/**
 * What a task does: a session of its own on the model of its JVM, and rows by batches.
 *
 * <p>The file of the model is what travels, once to each executor. A row of the result is the row's
 * id and its scores.
 */
final class Scorer implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1L;
  private static final int BATCH = 256;

  /** One for all tasks of a JVM: models are immutable, and pack their weights once. */
  private static Model shared;

  private final Broadcast<byte[]> file;
  private final CollectionAccumulator<Place> places;

  Scorer(Broadcast<byte[]> file, CollectionAccumulator<Place> places) {
    this.file = file;
    this.places = places;
  }

  /**
   * Where a task ran.
   *
   * @param executor Spark's name of the JVM
   * @param pid the system's
   * @param lanes how many lanes its vectors have
   */
  record Place(String executor, long pid, int lanes) implements java.io.Serializable {}

  /** The model in a file's bytes. */
  static Model read(byte[] bytes) throws IOException {
    Path file = Files.createTempFile("model", ".onnx");
    try {
      Files.write(file, bytes);
      OnnxFile onnx = OnnxFile.read(file);
      return Model.of(onnx.inputs().get(0), onnx.outputs().get(0));
    } finally {
      Files.delete(file);
    }
  }

  private static synchronized Model model(byte[] bytes) {
    try {
      if (shared == null) {
        shared = read(bytes);
      }
      return shared;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    places.add(
        new Place(SparkEnv.get().executorId(), ProcessHandle.current().pid(), Lanegrad.lanes()));
    return new Scores(model(file.value()).session(BATCH), rows);
  }

  /** Reads a batch of rows, runs it, and hands out its rows, and again. */
  private static final class Scores implements Iterator<Row> {
    private final ModelSession session;
    private final Iterator<Row> rows;
    private final long[] ids = new long[BATCH];
    private final float[] x;
    private final float[] y;
    private int count;
    private int next;

    Scores(ModelSession session, Iterator<Row> rows) {
      this.session = session;
      this.rows = rows;
      this.x = new float[BATCH * session.model().inputs()];
      this.y = new float[BATCH * session.model().outputs()];
    }

    @Override
    public boolean hasNext() {
      return next < count || rows.hasNext();
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      if (next == count) {
        run();
      }
      int outputs = session.model().outputs();
      float[] scores = new float[outputs];
      System.arraycopy(y, next * outputs, scores, 0, outputs);
      return RowFactory.create(ids[next++], scores);
    }

    private void run() {
      int inputs = session.model().inputs();
      next = 0;
      for (count = 0; count < BATCH && rows.hasNext(); count++) {
        Row row = rows.next();
        ids[count] = row.getLong(0);
        for (int j = 0; j < inputs; j++) {
          x[count * inputs + j] = row.getFloat(1 + j);
        }
      }
      session.run(Matrix.of(x, count, inputs), Matrix.of(y, count, session.model().outputs()));
    }
  }
}
