package org.lanegrad.model;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.util.List;

/** Writes ONNX models for tests, field by field. */
final class OnnxBytes {
  private final ProtoWriter fields = new ProtoWriter();

  byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      fields.writeTo(Channels.newChannel(out));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  OnnxBytes integer(int field, long value) {
    fields.integer(field, value);
    return this;
  }

  OnnxBytes floating(int field, float value) {
    fields.floating(field, value);
    return this;
  }

  OnnxBytes bytes(int field, byte[] value) {
    fields.bytes(field, ByteBuffer.wrap(value));
    return this;
  }

  OnnxBytes text(int field, String value) {
    fields.text(field, value);
    return this;
  }

  OnnxBytes message(int field, OnnxBytes message) {
    fields.message(field, message.fields);
    return this;
  }

  /** A model of opset 17 around a graph. */
  static OnnxBytes model(OnnxBytes graph) {
    return new OnnxBytes()
        .integer(1, 8)
        .message(7, graph)
        .message(8, new OnnxBytes().text(1, "").integer(2, 17));
  }

  /** An input or an output; a dimension of −1 has a name instead of a number. */
  static OnnxBytes info(String name, int type, long... dims) {
    OnnxBytes shape = new OnnxBytes();
    for (long dim : dims) {
      OnnxBytes dimension = new OnnxBytes();
      shape.message(1, dim < 0 ? dimension.text(2, "N") : dimension.integer(1, dim));
    }
    OnnxBytes tensor = new OnnxBytes().integer(1, type).message(2, shape);
    return new OnnxBytes().text(1, name).message(2, new OnnxBytes().message(1, tensor));
  }

  /** Dimensions and type of a tensor, without its elements. */
  static OnnxBytes tensor(String name, int type, long... dims) {
    OnnxBytes tensor = new OnnxBytes().text(8, name).integer(2, type);
    for (long dim : dims) {
      tensor.integer(1, dim);
    }
    return tensor;
  }

  /** A tensor of floats. */
  static OnnxBytes floats(String name, float[] values, long... dims) {
    ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      raw.putFloat(value);
    }
    return tensor(name, 1, dims).bytes(9, raw.array());
  }

  /** A node and its attributes. */
  static OnnxBytes node(
      String operator, List<String> inputs, String output, OnnxBytes... attributes) {
    OnnxBytes node = new OnnxBytes();
    inputs.forEach(input -> node.text(1, input));
    node.text(2, output).text(4, operator);
    for (OnnxBytes attribute : attributes) {
      node.message(5, attribute);
    }
    return node;
  }

  /** An attribute that is a whole number. */
  static OnnxBytes attribute(String name, long value) {
    return new OnnxBytes().text(1, name).integer(3, value).integer(20, 2);
  }

  /** An attribute that is a float. */
  static OnnxBytes attribute(String name, float value) {
    return new OnnxBytes().text(1, name).floating(2, value).integer(20, 1);
  }
}
