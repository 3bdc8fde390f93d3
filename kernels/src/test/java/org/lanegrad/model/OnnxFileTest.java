package org.lanegrad.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.lanegrad.graph.Ops.dense;
import static org.lanegrad.model.OnnxBytes.attribute;
import static org.lanegrad.model.OnnxBytes.floats;
import static org.lanegrad.model.OnnxBytes.info;
import static org.lanegrad.model.OnnxBytes.model;
import static org.lanegrad.model.OnnxBytes.node;
import static org.lanegrad.model.OnnxBytes.tensor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Relu;
import org.lanegrad.activation.Sigmoid;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Ops;
import org.lanegrad.graph.Over;

/** Networks from files of ONNX: their graph, their answers, and what is refused. */
class OnnxFileTest {
  private static final int FLOAT = 1;
  private static final int INT64 = 7;

  private final float[] w1 = Initial.he(6, 8, 1).array();
  private final float[] b1 = Initial.uniform(Matrix.zeros(1, 8), 1, 2).array();
  private final float[] w2 = Initial.he(8, 5, 3).array();
  private final float[] b2 = Initial.uniform(Matrix.zeros(1, 5), 1, 4).array();

  @TempDir private Path folder;

  private OnnxFile read(OnnxBytes graph) throws IOException {
    return OnnxFile.read(Files.write(folder.resolve("net.onnx"), model(graph).bytes()));
  }

  /** Flatten, Gemm with Bᵀ, Relu, MatMul, Add, Sigmoid, as exporters write them. */
  private OnnxBytes network() {
    float[] turned = new float[48];
    for (int i = 0; i < 6; i++) {
      for (int j = 0; j < 8; j++) {
        turned[j * 6 + i] = w1[i * 8 + j];
      }
    }
    return new OnnxBytes()
        .message(1, node("Flatten", List.of("image"), "flat"))
        .message(1, node("Gemm", List.of("flat", "w1", "b1"), "z1", attribute("transB", 1)))
        .message(1, node("Relu", List.of("z1"), "h"))
        .message(1, node("MatMul", List.of("h", "w2"), "m"))
        .message(1, node("Add", List.of("b2", "m"), "z2"))
        .message(1, node("Sigmoid", List.of("z2"), "scores"))
        .text(2, "network")
        .message(5, floats("w1", turned, 8, 6))
        .message(5, floats("b1", b1, 8))
        .message(5, floats("w2", w2, 8, 5))
        .message(5, floats("b2", b2, 1, 5))
        .message(11, info("image", FLOAT, -1, 1, 2, 3))
        .message(11, info("w2", FLOAT, 8, 5))
        .message(12, info("scores", FLOAT, -1, 5));
  }

  @Test
  void anExportedNetworkIsTwoDenseLayersWithTheBitsOfOurs() throws IOException {
    OnnxFile file = read(network());
    assertThat(file.inputs()).extracting(Node::name).containsExactly("image");
    assertThat(file.outputs()).extracting(Node::name).containsExactly("scores");
    assertThat(file.graph().parameters()).containsOnlyKeys("w1 transposed", "b1", "w2", "b2");
    List<String> ops =
        file.graph().nodes().stream()
            .filter(n -> n.op() != null && n.output(0) == n)
            .map(n -> n.op().name())
            .toList();
    assertThat(ops).containsExactly("reshape", "dense", "dense");
    Graph graph = new Graph();
    Node x = graph.input("x", 6);
    Node h =
        dense(
            x,
            graph.parameter("w1", Matrix.of(w1, 6, 8)),
            graph.parameter("b1", Matrix.of(b1, 1, 8)),
            new Relu());
    Node y =
        dense(
            h,
            graph.parameter("w2", Matrix.of(w2, 8, 5)),
            graph.parameter("b2", Matrix.of(b2, 1, 5)),
            new Sigmoid());
    Matrix images = Initial.uniform(Matrix.zeros(9, 6), 1, 5);
    Matrix expected = graph.session(y).bind(x, images).run().value(y);
    Matrix actual =
        file.graph()
            .session(file.outputs().get(0))
            .bind(file.inputs().get(0), images)
            .run()
            .value(file.outputs().get(0));
    for (int i = 0; i < 45; i++) {
      assertThat(actual.get(i / 5, i % 5)).isEqualTo(expected.get(i / 5, i % 5));
    }
  }

  @Test
  void aLayerThatIsReadTwiceStaysApart() throws IOException {
    OnnxFile file =
        read(
            new OnnxBytes()
                .message(1, node("MatMul", List.of("x", "w"), "m"))
                .message(1, node("Add", List.of("m", "b"), "z"))
                .message(1, node("Relu", List.of("z"), "r"))
                .message(1, node("Mul", List.of("r", "z"), "y"))
                .message(5, floats("w", new float[] {1, -1}, 1, 2))
                .message(5, floats("b", new float[] {1, 2}, 2))
                .message(11, info("x", FLOAT, -1, 1))
                .message(12, info("y", FLOAT, -1, 2)));
    Matrix y = Matrix.zeros(1, 2);
    Model.of(file.inputs().get(0), file.outputs().get(0))
        .session(1)
        .run(Matrix.of(new float[] {3}, 1, 1), y);
    assertThat(y.get(0, 0)).isEqualTo(16f);
    assertThat(y.get(0, 1)).isZero();
    assertThat(file.graph().node("z").op().name()).isEqualTo("dense");
  }

  @Test
  void wordsAreGatheredReshapedAndNormalized() throws IOException {
    float[] table = Initial.uniform(Matrix.zeros(7, 4), 1, 6).array();
    OnnxFile file =
        read(
            new OnnxBytes()
                .message(1, node("Gather", List.of("table", "words"), "rows"))
                .message(1, node("Reshape", List.of("rows", "shape"), "flat"))
                .message(1, node("LayerNormalization", List.of("flat", "gamma"), "y"))
                .message(5, floats("table", table, 7, 4))
                .message(5, floats("gamma", new float[] {1, 2, 1, 2, 1, 2, 1, 2}, 8))
                .message(5, tensor("shape", INT64, 2).integer(7, -1).integer(7, 8))
                .message(11, info("words", INT64, -1, 2))
                .message(12, info("y", FLOAT, -1, 8)));
    Matrix y = Matrix.zeros(3, 8);
    Model model = Model.of(file.inputs().get(0), file.outputs().get(0));
    model.session(3).run(new int[] {0, 1, 2, 3, 4, 6}, y);
    for (int i = 0; i < 3; i++) {
      double sum = 0;
      for (int j = 0; j < 8; j++) {
        sum += y.get(i, j) / (1 + j % 2);
      }
      assertThat(Math.abs(sum)).isLessThan(1e-5);
    }
  }

  @Test
  void dataOutsideTheFileAreReadFromItsFolderOnly() throws IOException {
    ByteBuffer raw = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    raw.putFloat(8, 5f).putFloat(12, 7f);
    Files.write(folder.resolve("weights.bin"), raw.array());
    OnnxFile file = read(external("weights.bin", "8", "8"));
    Matrix y = Matrix.zeros(1, 2);
    Model.of(file.inputs().get(0), file.outputs().get(0))
        .session(1)
        .run(Matrix.of(new float[] {2}, 1, 1), y);
    assertThat(y.array()).containsExactly(10f, 14f);
    Path elsewhere = Files.createDirectory(folder.resolve("in"));
    Files.write(elsewhere.resolve("weights.bin"), raw.array());
    assertThat(read(external("in/weights.bin", "8", "8")).outputs()).hasSize(1);
    for (String location :
        List.of("../weights.bin", "/etc/hostname", "", "in/../../weights.bin", "none.bin", "in")) {
      assertThatThrownBy(() -> read(external(location, "8", "8")))
          .isInstanceOf(MalformedFileException.class)
          .hasMessageContaining("expected a file in the folder of the model");
    }
    for (String[] range : new String[][] {{"20", "8"}, {"0", "16"}, {"99999999999999", "8"}}) {
      assertThatThrownBy(() -> read(external("weights.bin", range[0], range[1])))
          .isInstanceOf(MalformedFileException.class)
          .hasMessageContaining("which has 24; expected 8");
    }
    assertThatThrownBy(() -> read(external("weights.bin", "-1", "8")))
        .hasMessageContaining("the offset or length \"-1\", expected a number");
  }

  private static OnnxBytes external(String location, String offset, String length) {
    OnnxBytes w =
        tensor("w", FLOAT, 1, 2)
            .message(13, new OnnxBytes().text(1, "location").text(2, location))
            .message(13, new OnnxBytes().text(1, "offset").text(2, offset))
            .message(13, new OnnxBytes().text(1, "length").text(2, length))
            .integer(14, 1);
    return new OnnxBytes()
        .message(1, node("MatMul", List.of("x", "w"), "y"))
        .message(5, w)
        .message(11, info("x", FLOAT, -1, 1))
        .message(12, info("y", FLOAT, -1, 2));
  }

  private static OnnxBytes single(String operator, OnnxBytes... attributes) {
    return new OnnxBytes()
        .message(1, node(operator, List.of("x"), "y", attributes))
        .message(11, info("x", FLOAT, -1, 3))
        .message(12, info("y", FLOAT, -1, 3));
  }

  @Test
  void whatAGraphCannotHoldIsRefusedByNodeAndOperator() {
    refuses(single("Conv"), "the node y (Conv) is not supported");
    refuses(single("Softmax", attribute("axis", 0)), "is over another dimension than the last");
    refuses(single("Softmax", attribute("axis", 7)), "has the axis 7 of dimensions [-1, 3]");
    refuses(single("LeakyRelu", attribute("alpha", 1)), "has the attribute alpha of another type");
    refuses(single("Elu", attribute("alpha", -1f)), "the node y (Elu) does not fit: alpha is -1.0");
    refuses(single("Add"), "has 1 inputs, expected two");
    refuses(single("Transpose"), "expected a constant matrix of floats");
    refuses(single("Cast", attribute("to", 7)), "expected from float to float");
    refuses(single("Relu").message(1, node("Relu", List.of("y"), "y")), "there are two tensors y");
    refuses(
        new OnnxBytes().message(1, node("Relu", List.of("x"), "y")),
        "the node y (Relu) reads x, which nothing before it computes");
    refuses(
        new OnnxBytes().message(11, info("x", FLOAT, -1, 3)).message(12, info("z", FLOAT, -1, 3)),
        "no node computes the output z");
    refuses(
        new OnnxBytes().message(11, info("x", FLOAT, 3, -1)), "expected numbers but for the first");
    refuses(new OnnxBytes().message(11, info("x", 9, 3)), "is of type 9");
    refuses(
        new OnnxBytes().message(5, tensor("w", FLOAT, 1 << 20, 1 << 20)),
        "the tensor w has the dimensions [1048576, 1048576]");
    refuses(
        new OnnxBytes().message(5, tensor("w", FLOAT, 1 << 20, 1 << 10)),
        "has not 1073741824 elements of its type");
    refuses(new OnnxBytes().message(5, tensor("w", 8, 2)), "the tensor w is of type 8");
    refuses(
        new OnnxBytes()
            .message(1, node("Add", List.of("x", "v"), "y"))
            .message(5, floats("v", new float[2], 2))
            .message(11, info("x", FLOAT, -1, 3))
            .message(12, info("y", FLOAT, -1, 3)),
        "has inputs of dimensions [-1, 3] and [2]");
  }

  private void refuses(OnnxBytes graph, String cause) {
    assertThatThrownBy(() -> read(graph))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageStartingWith(folder.resolve("net.onnx").toString())
        .hasMessageContaining(cause);
  }

  @Test
  void aFileThatIsNoModelIsRefused() {
    refusesBytes(new byte[0], "it holds no graph");
    refusesBytes(new byte[] {0x3a, 5, 1}, "byte 2: field 7 has 5 bytes, but 1 are left");
    refusesBytes(new byte[] {0x0f}, "wire type 7, unknown here");
    refusesBytes(new byte[] {0x00}, "no field has the number 0");
    refusesBytes(new byte[] {0x08, (byte) 0x80}, "a number does not end");
    byte[] endless = new byte[20];
    Arrays.fill(endless, (byte) 0xff);
    refusesBytes(endless, "a number has more than ten bytes");
    refusesBytes(new byte[] {0x0d, 1, 2}, "a number of 4 bytes does not end");
    refusesBytes(
        new OnnxBytes()
            .message(7, new OnnxBytes())
            .message(8, new OnnxBytes().text(1, "").integer(2, 6))
            .bytes(),
        "its operators are of version 6, expected 7 or later");
    refusesBytes("{\"model\": 1}".getBytes(StandardCharsets.UTF_8), "byte ");
  }

  private void refusesBytes(byte[] bytes, String cause) {
    assertThatThrownBy(() -> OnnxFile.read(Files.write(folder.resolve("net.onnx"), bytes)))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining(cause);
  }

  /** Each of 100,000 damaged files is refused or read, and nothing else happens. */
  @Test
  void damagedFilesDoNoHarm() throws IOException {
    byte[] right = model(network()).bytes();
    SplittableRandom random = new SplittableRandom(23);
    Path file = folder.resolve("damaged.onnx");
    int refused = 0;
    for (int i = 0; i < 100_000; i++) {
      byte[] bytes = right.clone();
      int changes = 1 + random.nextInt(3);
      for (int c = 0; c < changes; c++) {
        int at = random.nextInt(bytes.length);
        bytes[at] =
            (byte)
                (random.nextBoolean() ? random.nextInt(256) : bytes[at] ^ 1 << random.nextInt(8));
      }
      int length = random.nextInt(4) == 0 ? random.nextInt(bytes.length) : bytes.length;
      try {
        OnnxFile.of(file, ByteBuffer.wrap(Arrays.copyOf(bytes, length)));
      } catch (MalformedFileException e) {
        refused++;
      }
    }
    assertThat(refused).isBetween(40_000, 99_999);
  }

  @Test
  void aNetworkFromAFileIsTrainedOn() throws IOException {
    OnnxFile file = read(network());
    Node image = file.inputs().get(0);
    Node scores = file.outputs().get(0);
    Node loss = Ops.sum(Ops.square(scores), Over.ALL);
    assertThat(file.graph().gradient(loss, file.graph().node("w2"))).hasSize(1);
    assertThat(image.shape().toString()).isEqualTo("batch × 6");
  }

  private static float[] answer(OnnxFile file, float... x) {
    Node input = file.inputs().get(0);
    Node output = file.outputs().get(0);
    Matrix value =
        file.graph()
            .session(output)
            .bind(input, Matrix.of(x, x.length / input.shape().columns(), input.shape().columns()))
            .run()
            .value(output);
    float[] all = new float[value.rows() * value.columns()];
    for (int i = 0; i < all.length; i++) {
      all[i] = value.get(i / value.columns(), i % value.columns());
    }
    return all;
  }

  /** Some exporters leave zeros out. */
  @Test
  void anAttributeThatIsZeroNeedNotBeWritten() throws IOException {
    OnnxBytes zero = new OnnxBytes().text(1, "beta").integer(20, 1);
    OnnxFile file =
        read(
            new OnnxBytes()
                .message(1, node("Gemm", List.of("x", "w", "c"), "y", zero))
                .message(5, floats("w", new float[] {2}, 1, 1))
                .message(5, floats("c", new float[] {100}, 1))
                .message(11, info("x", FLOAT, -1, 1))
                .message(12, info("y", FLOAT, -1, 1)));
    assertThat(answer(file, 1f)).containsExactly(2f);
    refuses(
        single("Softmax", new OnnxBytes().text(1, "axis").integer(20, 2)),
        "is over another dimension than the last");
    refuses(
        single("Softmax", new OnnxBytes().text(1, "axis").bytes(9, new byte[1]).integer(20, 8)),
        "has the attribute axis of another type");
  }

  @Test
  void oldSoftmaxIsOverAllDimensionsFromTheFirstOn() throws IOException {
    OnnxBytes graph =
        new OnnxBytes()
            .message(1, node("Softmax", List.of("x"), "y"))
            .message(11, info("x", FLOAT, -1, 2, 2))
            .message(12, info("y", FLOAT, -1, 2, 2));
    byte[] old =
        new OnnxBytes()
            .message(7, graph)
            .message(8, new OnnxBytes().text(1, "").integer(2, 11))
            .bytes();
    refusesBytes(old, "is over another dimension than the last");
    assertThat(answer(read(graph), 0, 0, 0, 0)).containsOnly(0.5f);
    refusesBytes(new OnnxBytes().message(7, graph).bytes(), "its operators are of version 0");
  }

  @Test
  void rowsAreNamedFromZeroOn() throws IOException {
    OnnxFile file =
        read(
            new OnnxBytes()
                .message(1, node("Gather", List.of("table", "words"), "y"))
                .message(5, floats("table", new float[] {1, 2}, 2, 1))
                .message(11, info("words", INT64, -1))
                .message(12, info("y", FLOAT, -1, 1)));
    ModelSession session = Model.of(file.inputs().get(0), file.outputs().get(0)).session(4);
    Matrix y = Matrix.zeros(2, 1);
    session.run(new int[] {1, 0}, y);
    assertThat(y.array()).containsExactly(2f, 1f);
    assertThatThrownBy(() -> session.run(new int[] {0, -1}, y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("words[1] is -1");
  }

  @Test
  void dimensionsThatAreRepeatedOtherwiseAreRefused() {
    refuses(
        new OnnxBytes()
            .message(1, node("LayerNormalization", List.of("x", "g"), "y"))
            .message(5, floats("g", new float[] {1, 10}, 2, 1))
            .message(11, info("x", FLOAT, -1, 2, 2))
            .message(12, info("y", FLOAT, -1, 2, 2)),
        "has g of dimensions [2, 1], expected [2]");
    refuses(
        new OnnxBytes()
            .message(1, node("Add", List.of("x", "b"), "y"))
            .message(5, floats("b", new float[] {1}, 1, 1, 1))
            .message(11, info("x", FLOAT, -1, 2))
            .message(12, info("y", FLOAT, -1, 2)),
        "has inputs of dimensions");
    refuses(
        new OnnxBytes()
            .message(1, node("Concat", List.of("x", "x"), "y", attribute("axis", 1)))
            .message(11, info("x", FLOAT, -1, 2_000_000_000))
            .message(12, info("y", FLOAT, -1, -1)),
        "the node y (Concat) does not fit");
  }

  @Test
  void aTensorOfTheFileIsNotTakenForATransposedOne() throws IOException {
    OnnxFile file =
        read(
            new OnnxBytes()
                .message(1, node("Gemm", List.of("x", "w"), "y", attribute("transB", 1)))
                .message(5, floats("w", new float[] {1, 2}, 2, 1))
                .message(5, floats("w transposed", new float[] {77, 88}, 1, 2))
                .message(11, info("x", FLOAT, -1, 1))
                .message(12, info("y", FLOAT, -1, 2)));
    assertThat(answer(file, 1f)).containsExactly(1f, 2f);
  }

  @Test
  void whatChangesNothingKeepsLayersTogetherAndNamesAsTheyAre() throws IOException {
    OnnxFile file =
        read(
            new OnnxBytes()
                .message(1, node("Clip", List.of("x", "", "six"), "c"))
                .message(1, node("Gemm", List.of("c", "w", "b"), "g"))
                .message(1, node("Dropout", List.of("g"), "d").text(2, ""))
                .message(1, node("Relu", List.of("d"), "a"))
                .message(1, node("Flatten", List.of("a"), "f"))
                .message(1, node("Constant", List.of(), "half", attribute("value_float", 0.5f)))
                .message(1, node("Mul", List.of("f", "half"), "y"))
                .message(5, floats("six", new float[] {6}))
                .message(5, floats("w", new float[] {1}, 1, 1))
                .message(5, floats("b", new float[] {1}, 1))
                .message(11, info("x", FLOAT, -1, 1))
                .message(12, info("a", FLOAT, -1, 1))
                .message(12, info("y", FLOAT, -1, 1)));
    assertThat(file.outputs()).extracting(Node::name).containsExactly("a", "y");
    assertThat(file.graph().parameters()).containsOnlyKeys("w", "b");
    assertThat(file.graph().node("a").op().name()).isEqualTo("dense");
    float[] y = new float[1];
    Model.of(file.inputs().get(0), file.outputs().get(1))
        .session(1)
        .run(Matrix.of(new float[] {9}, 1, 1), Matrix.of(y, 1, 1));
    assertThat(y[0]).isEqualTo(3.5f);
  }
}
