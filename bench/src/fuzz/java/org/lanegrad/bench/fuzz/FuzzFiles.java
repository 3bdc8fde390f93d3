package org.lanegrad.bench.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Gelu;
import org.lanegrad.activation.Identity;
import org.lanegrad.bench.data.DataFile;
import org.lanegrad.bench.data.DataSet;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Ops;
import org.lanegrad.model.Checkpoint;
import org.lanegrad.model.Initial;
import org.lanegrad.model.OnnxFile;
import org.lanegrad.model.Optimizer;
import org.lanegrad.model.SafeTensors;
import org.lanegrad.model.Trainer;
import org.lanegrad.optimizer.Adam;
import org.lanegrad.optimizer.LearningRate;

/**
 * What a fuzzer that watches the branches feeds: the first byte picks a format, the others are the
 * file. It is read, or refused by an IOException that names it; all else is a find.
 */
public final class FuzzFiles {
  private static final Path FOLDER = folder();
  private static final Path FILE = FOLDER.resolve("fed");
  private static final Set<String> READABLE = Set.of("F32", "F16", "BF16");

  private FuzzFiles() {}

  /** One input. */
  public static void fuzzerTestOneInput(byte[] data) throws IOException {
    if (data.length == 0) {
      return;
    }
    Files.write(FILE, Arrays.copyOfRange(data, 1, data.length));
    try {
      switch (data[0] & 3) {
        case 0 -> safeTensors();
        case 1 -> OnnxFile.read(FILE);
        case 2 -> checkpoint();
        default -> data();
      }
    } catch (IOException e) {
      if (e.getMessage() == null || !e.getMessage().contains(FILE.toString())) {
        throw new AssertionError("does not name the file: " + e, e);
      }
    }
  }

  /** Writes a right file of each format into a folder, for the fuzzer to start from. */
  public static void main(String[] args) throws IOException {
    Path seeds = Files.createDirectories(Path.of(args[0]));
    Trainer trainer = trainer();
    trainer.step();
    seed(seeds, "checkpoint", 2, Files.readAllBytes(Checkpoint.save(FOLDER, trainer, 1)));
    SafeTensors.write(
        FILE, Map.of("a", Matrix.zeros(2, 3), "b", Matrix.zeros(1, 2)), Map.of("step", "3"));
    seed(seeds, "safetensors", 0, Files.readAllBytes(FILE));
    OnnxFile.write(FILE, scores(new Graph()));
    seed(seeds, "onnx", 1, Files.readAllBytes(FILE));
    for (Map.Entry<String, String> file :
        Map.of(
                "csv", "a,b,c\n1,2,0\n3,4,1\n",
                "idx", "\0\0\10\2\0\0\0\2\0\0\0\3\1\2\0\3\4\1",
                "npy",
                    "\223NUMPY\1\0\66\0{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2)}")
            .entrySet()) {
      seed(
          seeds,
          file.getKey(),
          3,
          file.getValue().getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
    }
  }

  private static void seed(Path seeds, String name, int format, byte[] file) throws IOException {
    byte[] bytes = new byte[file.length + 1];
    bytes[0] = (byte) format;
    System.arraycopy(file, 0, bytes, 1, file.length);
    Files.write(seeds.resolve(name), bytes);
  }

  private static void safeTensors() throws IOException {
    SafeTensors file = SafeTensors.read(FILE);
    for (String name : file.names()) {
      if (READABLE.contains(file.tensor(name).type())) {
        file.matrix(name);
      }
    }
  }

  /** What is well-formed, and of another training, is refused by an IllegalArgumentException. */
  private static void checkpoint() throws IOException {
    try {
      Checkpoint.restore(FILE, trainer());
    } catch (IllegalArgumentException e) {
      if (!e.getMessage().contains(FILE.toString())) {
        throw e;
      }
    }
  }

  private static void data() throws IOException {
    DataSet set = DataFile.labelled(FILE, null);
    if (set.labels().length != set.size()) {
      throw new AssertionError(set.labels().length + " labels for " + set.size() + " rows");
    }
  }

  private static Node scores(Graph graph) {
    Node x = graph.input("x", 3);
    Node w1 = graph.parameter("w1", Initial.he(3, 4, 1));
    Node b1 = graph.parameter("b1", Matrix.zeros(1, 4));
    Node w2 = graph.parameter("w2", Initial.he(4, 2, 2));
    Node b2 = graph.parameter("b2", Matrix.zeros(1, 2));
    return Ops.dense(Ops.dense(x, w1, b1, new Gelu()), w2, b2, new Identity());
  }

  private static Trainer trainer() {
    Graph graph = new Graph();
    Node scores = scores(graph);
    Node labels = graph.ints("labels", 1);
    return Trainer.of(Ops.crossEntropy(scores, labels))
        .examples(graph.node("x"), Initial.uniform(Matrix.zeros(8, 3), 1, 3))
        .examples(labels, new int[8])
        .batch(4)
        .optimizer(Optimizer.of(Adam.standard()), LearningRate.constant(0.01f))
        .build();
  }

  private static Path folder() {
    try {
      Path folder = Files.createTempDirectory("fuzz");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> clear(folder)));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void clear(Path folder) {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException e) {
      System.getLogger("org.lanegrad").log(System.Logger.Level.DEBUG, "left: " + folder, e);
    }
  }
}
