package org.lanegrad.verification.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A case of ONNX's node tests: one operator, its attributes, inputs and expected outputs.
 *
 * @param name the case's folder
 * @param operator such as {@code Gelu}
 * @param attributes a Float, a Long or a String each
 * @param inputs null for an optional input that is left out
 * @param outputs what is expected
 */
record OnnxCase(
    String name,
    String operator,
    Map<String, Object> attributes,
    List<Tensor> inputs,
    List<Tensor> outputs) {
  /** Elements in row-major order: floats, or null and integers. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Tensor(long[] shape, float[] values, long[] integers) {
    /** The product of the dimensions from one to another, that one excluded. */
    int size(int from, int to) {
      long size = 1;
      for (int d = from; d < to; d++) {
        size *= shape[d];
      }
      return (int) size;
    }

    /** A dimension, counted from the end if negative. */
    int axis(long axis) {
      return (int) (axis < 0 ? axis + shape.length : axis);
    }
  }

  private static final int FLOAT = 1;
  private static final int INT64 = 7;

  static OnnxCase read(Path folder) throws IOException {
    ProtoReader model = new ProtoReader(Files.readAllBytes(folder.resolve("model.onnx")));
    ProtoReader node = model.messages(7).get(0).messages(1).get(0);
    Map<String, Object> attributes = new LinkedHashMap<>();
    for (ProtoReader attribute : node.messages(5)) {
      Object value =
          attribute.has(2)
              ? (Object) attribute.number(2)
              : attribute.has(4) ? attribute.strings(4).get(0) : attribute.integer(3);
      attributes.put(attribute.strings(1).get(0), value);
    }
    Path data = folder.resolve("test_data_set_0");
    List<Tensor> inputs = new ArrayList<>();
    int file = 0;
    for (String input : node.strings(1)) {
      inputs.add(input.isEmpty() ? null : tensor(data.resolve("input_" + file++ + ".pb")));
    }
    List<Tensor> outputs = new ArrayList<>();
    for (int o = 0; o < node.strings(2).size(); o++) {
      outputs.add(tensor(data.resolve("output_" + o + ".pb")));
    }
    String name = folder.getFileName().toString();
    return new OnnxCase(name, node.strings(4).get(0), attributes, inputs, outputs);
  }

  private static Tensor tensor(Path file) throws IOException {
    return tensor(Files.readAllBytes(file));
  }

  /** A TensorProto. */
  static Tensor tensor(byte[] message) {
    ProtoReader tensor = new ProtoReader(message);
    long[] shape = tensor.integers(1).stream().mapToLong(Long::longValue).toArray();
    int type = tensor.integers(2).get(0).intValue();
    boolean isRaw = tensor.has(9);
    if (type == FLOAT) {
      ByteBuffer raw = ByteBuffer.wrap(tensor.bytes(isRaw ? 9 : 4)).order(ByteOrder.LITTLE_ENDIAN);
      float[] values = new float[raw.remaining() / 4];
      raw.asFloatBuffer().get(values);
      return new Tensor(shape, values, null);
    }
    if (!isRaw) {
      int field = type == INT64 ? 7 : 5;
      return new Tensor(shape, null, tensor.integers(field).stream().mapToLong(v -> v).toArray());
    }
    ByteBuffer raw = ByteBuffer.wrap(tensor.bytes(9)).order(ByteOrder.LITTLE_ENDIAN);
    long[] integers = new long[raw.remaining() / (type == INT64 ? 8 : 4)];
    for (int i = 0; i < integers.length; i++) {
      integers[i] = type == INT64 ? raw.getLong() : raw.getInt();
    }
    return new Tensor(shape, null, integers);
  }

  float attribute(String key, double otherwise) {
    return (Float) attributes.getOrDefault(key, (float) otherwise);
  }

  String text(String key, String otherwise) {
    return (String) attributes.getOrDefault(key, otherwise);
  }

  long integer(String key, long otherwise) {
    return (Long) attributes.getOrDefault(key, otherwise);
  }

  /** The floats of an input, or null if it is left out. */
  float[] floats(int input) {
    boolean given = inputs.size() > input && inputs.get(input) != null;
    return given ? inputs.get(input).values() : null;
  }

  /** A scalar input, or what its absence means. */
  float scalar(int input, float otherwise) {
    boolean given = inputs.size() > input && inputs.get(input) != null;
    return given ? inputs.get(input).values()[0] : otherwise;
  }

  @Override
  public String toString() {
    return name;
  }
}
