package org.lanegrad.bench.peer;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * The protobuf bytes of an ONNX model of one node, or of layers; field numbers as onnx.proto3 has
 * them.
 */
final class OnnxModel {
  private static final int VARINT = 0;
  private static final int BYTES = 2;
  private static final int FIXED_32 = 5;
  private static final int FLOAT = 1;
  private static final int IR_VERSION = 10;
  private static final int OPSET = 22;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private OnnxModel() {}

  /** y = op(inputs) with attributes that are floats, longs or strings. */
  static byte[] of(String domain, String op, List<String> inputs, Map<String, Object> attributes) {
    OnnxModel node = new OnnxModel();
    inputs.forEach(name -> node.text(1, name));
    node.text(2, "y").text(4, op).text(7, domain);
    attributes.forEach((name, value) -> node.message(5, attribute(name, value)));
    OnnxModel graph = new OnnxModel().message(1, node).text(2, "one");
    inputs.forEach(name -> graph.message(11, value(name)));
    graph.message(12, value("y"));
    return model(graph);
  }

  /** Layers of fixed weights from x0 over x1, x2, … to the last, with ReLU between them. */
  static byte[] network(int... sizes) {
    OnnxModel graph = new OnnxModel();
    int layers = sizes.length - 1;
    for (int i = 0; i < layers; i++) {
      String sums = i + 1 < layers ? "z" + i : "x" + layers;
      String[] parameters = {"w" + i, "b" + i};
      OnnxModel gemm =
          new OnnxModel().text(1, "x" + i).text(1, parameters[0]).text(1, parameters[1]);
      graph.message(1, gemm.text(2, sums).text(4, "Gemm"));
      if (i + 1 < layers) {
        graph.message(1, new OnnxModel().text(1, sums).text(2, "x" + (i + 1)).text(4, "Relu"));
      }
      graph.message(5, constant(parameters[0], sizes[i], sizes[i + 1]));
      graph.message(5, constant(parameters[1], sizes[i + 1]));
    }
    graph.text(2, "network").message(11, value("x0")).message(12, value("x" + layers));
    return model(graph);
  }

  /** A tensor of small numbers. */
  private static OnnxModel constant(String name, int... shape) {
    OnnxModel tensor = new OnnxModel();
    int n = 1;
    for (int size : shape) {
      tensor.number(1, size);
      n *= size;
    }
    ByteBuffer values = ByteBuffer.allocate(n * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < n; i++) {
      values.putFloat((i * 37L % 101) / 101f - 0.5f);
    }
    return tensor.number(2, FLOAT).text(8, name).bytes(9, values.array());
  }

  private static byte[] model(OnnxModel graph) {
    return new OnnxModel()
        .number(1, IR_VERSION)
        .message(7, graph)
        .message(8, new OnnxModel().text(1, "").number(2, OPSET))
        .message(8, new OnnxModel().text(1, "com.microsoft").number(2, 1))
        .out
        .toByteArray();
  }

  private static OnnxModel attribute(String name, Object value) {
    OnnxModel attribute = new OnnxModel().text(1, name);
    return switch (value) {
      case Float f -> attribute.fixed(2, f).number(20, 1);
      case Long i -> attribute.number(3, i).number(20, 2);
      default -> attribute.text(4, value.toString()).number(20, 3);
    };
  }

  /** A tensor of floats of any shape. */
  private static OnnxModel value(String name) {
    OnnxModel tensor = new OnnxModel().number(1, FLOAT);
    return new OnnxModel().text(1, name).message(2, new OnnxModel().message(1, tensor));
  }

  private OnnxModel number(int field, long value) {
    tag(field, VARINT);
    varint(value);
    return this;
  }

  private OnnxModel fixed(int field, float value) {
    tag(field, FIXED_32);
    byte[] bytes =
        ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array();
    out.writeBytes(bytes);
    return this;
  }

  private OnnxModel text(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  private OnnxModel message(int field, OnnxModel value) {
    return bytes(field, value.out.toByteArray());
  }

  private OnnxModel bytes(int field, byte[] value) {
    tag(field, BYTES);
    varint(value.length);
    out.writeBytes(value);
    return this;
  }

  private void tag(int field, int type) {
    varint((long) field << 3 | type);
  }

  private void varint(long value) {
    long rest = value;
    for (; (rest & ~0x7fL) != 0; rest >>>= 7) {
      out.write((int) (rest & 0x7f | 0x80));
    }
    out.write((int) rest);
  }
}
