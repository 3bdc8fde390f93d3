package org.lanegrad.verification.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.lanegrad.Matrix;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Session;
import org.lanegrad.graph.Shape;
import org.lanegrad.model.MalformedFileException;
import org.lanegrad.model.OnnxFile;

/** ONNX's node tests, loaded as files: each gives the published output, or says what it is not. */
class OnnxFileTest {
  /** What a graph can't hold, and the reason that the file is refused with. */
  private static final List<String> REASONS =
      List.of(
          "is not supported, see OnnxFile for what is",
          "is over another dimension than the last",
          "expected a matrix second",
          "is of the domain",
          "expected float, or int32 or int64 of one or two dimensions",
          "joins");

  @Test
  void everyNodeTestThatAGraphCanHoldGivesWhatOnnxExpects() throws IOException {
    Path folder = Path.of(System.getProperty("lanegrad.data", ""), "onnx-node");
    assumeTrue(
        Files.isDirectory(folder),
        "ONNX's node tests are not there: -Dlanegrad.data=… names the folder that holds onnx-node");
    TreeMap<String, String> refused = new TreeMap<>();
    int loaded = 0;
    List<Path> cases;
    try (Stream<Path> all = Files.list(folder)) {
      cases = all.sorted().toList();
    }
    for (Path one : cases) {
      try {
        check(one, OnnxFile.read(one.resolve("model.onnx")));
        loaded++;
      } catch (MalformedFileException e) {
        refused.put(one.getFileName().toString(), e.getMessage());
      }
    }
    assertThat(refused.values()).allMatch(why -> REASONS.stream().anyMatch(why::contains));
    assertThat(loaded).as("loaded; refused: %s", refused).isGreaterThanOrEqualTo(61);
  }

  private static void check(Path folder, OnnxFile file) throws IOException {
    OnnxCase expected = OnnxCase.read(folder);
    Node output = file.outputs().get(0);
    Session session = file.graph().session(output);
    List<OnnxCase.Tensor> given = expected.inputs().stream().filter(t -> t != null).toList();
    List<Node> inputs = new ArrayList<>(file.inputs());
    for (int i = 0; i < inputs.size(); i++) {
      Shape shape = inputs.get(i).shape();
      OnnxCase.Tensor tensor = given.get(i);
      session.bind(inputs.get(i), Matrix.of(tensor.values(), shape.rows(), shape.columns()));
    }
    session.run();
    Matrix actual = session.value(output);
    float[] wanted = expected.outputs().get(0).values();
    float[] elements = new float[wanted.length];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = actual.get(i / actual.columns(), i % actual.columns());
    }
    for (int i = 0; i < wanted.length; i++) {
      // as ONNX's own runner compares
      float allowed = 1e-7f + 1e-3f * Math.abs(wanted[i]);
      boolean same = Float.compare(elements[i], wanted[i]) == 0;
      assertThat(same || Math.abs(elements[i] - wanted[i]) <= allowed)
          .as("%s[%d]: %s, expected %s", folder.getFileName(), i, elements[i], wanted[i])
          .isTrue();
    }
    assertThat(Arrays.stream(expected.outputs().get(0).shape()).reduce(1, (a, b) -> a * b))
        .isEqualTo((long) actual.rows() * actual.columns());
  }
}
