package org.lanegrad.spark;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.CollectionAccumulator;
import org.lanegrad.Lanegrad;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Relu;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Ops;
import org.lanegrad.model.Initial;
import org.lanegrad.model.Model;
import org.lanegrad.model.OnnxFile;

/**
 * Scores a table on Apache Spark with two executor JVMs, kills one of them on the way, and compares
 * the bits of every row with those of a model here.
 */
public final class ScoreTable {
  private static final int ROWS = 200_000;
  private static final int TASKS = 100;
  private static final int INPUTS = 16;
  private static final int OUTPUTS = 10;
  private static final int EXECUTORS = 2;

  private ScoreTable() {}

  /** Fails if a row has other bits, or no executor was lost. */
  public static void main(String[] args) throws IOException, InterruptedException {
    byte[] file = modelFile();
    Matrix x = Initial.uniform(Matrix.zeros(ROWS, INPUTS), 2, 3);
    try (SparkSession spark = start()) {
      Killer killer = new Killer(new CollectionAccumulator<>());
      spark.sparkContext().register(killer.places, "places");
      spark.sparkContext().addSparkListener(killer);
      Broadcast<byte[]> broadcast =
          JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(file);
      long begun = System.nanoTime();
      List<Row> scored =
          table(spark, x)
              .repartition(TASKS)
              .mapPartitions(new Scorer(broadcast, killer.places), Encoders.row(scores()))
              .collectAsList();
      double seconds = (System.nanoTime() - begun) / 1e9;
      compare(scored, Scorer.read(file), x);
      List<String> executors = killer.check();
      System.out.printf(
          Locale.ROOT,
          "%,d rows in %d tasks, %d lanes, %.1f s; executors %s, of which %s was killed on the way:"
              + " each row has the bits of a run here%n",
          scored.size(),
          TASKS,
          Lanegrad.lanes(),
          seconds,
          executors,
          killer.victim.executor());
    }
  }

  private static SparkSession start() throws IOException {
    // where executors look for Spark's jars; they find them on the class path below
    Files.createDirectories(Path.of("jars"));
    return SparkSession.builder()
        .appName("Lanegrad")
        .master("local-cluster[" + EXECUTORS + ",1,1024]")
        .config("spark.ui.enabled", false)
        .config("spark.executorEnv.SPARK_SCALA_VERSION", "2.13")
        .config("spark.executorEnv.JAVA_HOME", System.getProperty("java.home"))
        .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
        .config("spark.executor.extraJavaOptions", flags())
        .getOrCreate();
  }

  /**
   * The flag without which executors run scalar loops, and say so in their log; and what sets the
   * width of vectors here, since bits are the same on one width.
   */
  private static String flags() {
    return Stream.concat(
            Stream.of("--add-modules=jdk.incubator.vector"),
            ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.matches("-XX:(UseAVX|MaxVectorSize)=.*|-Dlanegrad.*")))
        .collect(Collectors.joining(" "));
  }

  private static byte[] modelFile() throws IOException {
    Graph graph = new Graph();
    Node x = graph.input("x", INPUTS);
    Node w1 = graph.parameter("w1", Initial.he(INPUTS, 64, 1));
    Node b1 = graph.parameter("b1", Matrix.zeros(1, 64));
    Node w2 = graph.parameter("w2", Initial.he(64, OUTPUTS, 2));
    Node scores = Ops.product(Ops.dense(x, w1, b1, new Relu()), w2);
    Path file = Files.createTempFile("model", ".onnx");
    try {
      OnnxFile.write(file, scores);
      return Files.readAllBytes(file);
    } finally {
      Files.delete(file);
    }
  }

  /** A table of an id and some columns of floats, in an order of its own. */
  private static Dataset<Row> table(SparkSession spark, Matrix x) {
    List<StructField> fields = new ArrayList<>();
    fields.add(DataTypes.createStructField("id", DataTypes.LongType, false));
    for (int j = 0; j < INPUTS; j++) {
      fields.add(DataTypes.createStructField("x" + j, DataTypes.FloatType, false));
    }
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      Object[] cells = new Object[1 + INPUTS];
      cells[0] = (long) i;
      for (int j = 0; j < INPUTS; j++) {
        cells[1 + j] = x.get(i, j);
      }
      rows.add(RowFactory.create(cells));
    }
    Collections.shuffle(rows, new Random(4));
    return spark.createDataFrame(rows, DataTypes.createStructType(fields));
  }

  private static StructType scores() {
    return DataTypes.createStructType(
        List.of(
            DataTypes.createStructField("id", DataTypes.LongType, false),
            DataTypes.createStructField(
                "scores", DataTypes.createArrayType(DataTypes.FloatType, false), false)));
  }

  private static void compare(List<Row> scored, Model model, Matrix x) {
    Matrix y = Matrix.zeros(ROWS, OUTPUTS);
    model.session(ROWS).run(x, y);
    boolean[] seen = new boolean[ROWS];
    for (Row row : scored) {
      int id = Math.toIntExact(row.getLong(0));
      List<Float> answer = row.getList(1);
      for (int j = 0; j < OUTPUTS; j++) {
        if (Float.floatToRawIntBits(answer.get(j)) != Float.floatToRawIntBits(y.get(id, j))) {
          throw new AssertionError(
              "row "
                  + id
                  + ", score "
                  + j
                  + ": "
                  + answer.get(j)
                  + " there, "
                  + y.get(id, j)
                  + " here");
        }
      }
      if (seen[id]) {
        throw new AssertionError("row " + id + " came twice");
      }
      seen[id] = true;
    }
    if (scored.size() != ROWS) {
      throw new AssertionError(scored.size() + " rows came back of " + ROWS);
    }
  }

  /** Kills the JVM that ends a task first, and waits until Spark has lost it. */
  private static final class Killer extends SparkListener {
    private final CollectionAccumulator<Scorer.Place> places;
    private final CountDownLatch lost = new CountDownLatch(1);
    private volatile Scorer.Place victim;

    Killer(CollectionAccumulator<Scorer.Place> places) {
      this.places = places;
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
      List<Scorer.Place> known = places.value();
      if (victim == null && !known.isEmpty()) {
        victim = known.get(0);
        ProcessHandle.of(victim.pid()).ifPresent(ProcessHandle::destroyForcibly);
      }
    }

    @Override
    public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
      if (victim != null && removed.executorId().equals(victim.executor())) {
        lost.countDown();
      }
    }

    /** The executors that ran tasks; fails if one ran without lanes, or none was lost. */
    List<String> check() throws InterruptedException {
      if (!lost.await(1, TimeUnit.MINUTES)) {
        throw new AssertionError("executor " + victim + " should have been lost, and was not");
      }
      List<Scorer.Place> all = places.value().stream().distinct().toList();
      for (Scorer.Place place : all) {
        if (place.lanes() != Lanegrad.lanes()) {
          throw new AssertionError(
              "executor " + place + " has other lanes than here: " + Lanegrad.lanes());
        }
      }
      if (all.size() <= EXECUTORS) {
        throw new AssertionError("no executor took the lost one's place: " + all);
      }
      return all.stream().map(Scorer.Place::executor).sorted().toList();
    }
  }
}
