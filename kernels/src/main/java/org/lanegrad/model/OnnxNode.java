package org.lanegrad.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A NodeProto of ONNX: an operator, what it reads and writes, and its attributes.
 *
 * @param name its name, or that of its first output
 * @param operator its operator
 * @param inputs the names that it reads, "" for one that is left out
 * @param outputs the names that it computes
 * @param attributes a Float, Long, String, OnnxTensor, or a list of Float or Long each
 * @param file where it stands
 */
record OnnxNode(
    String name,
    String operator,
    List<String> inputs,
    List<String> outputs,
    Map<String, Object> attributes,
    Path file) {
  static OnnxNode read(ProtoReader message, Path file, Path folder) throws IOException {
    String name = "";
    String operator = "";
    String domain = "";
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    Map<String, Object> attributes = new HashMap<>();
    while (message.next()) {
      switch (message.field()) {
        case 1 -> inputs.add(message.text());
        case 2 -> outputs.add(message.text());
        case 3 -> name = message.text();
        case 4 -> operator = message.text();
        case 5 -> attribute(message.message(), folder, attributes);
        case 7 -> domain = message.text();
        default -> {}
      }
    }
    if (outputs.isEmpty()) {
      throw message.wrong("the node " + name + " (" + operator + ") has no output");
    }
    String known = name.isEmpty() ? outputs.get(0) : name;
    OnnxNode node = new OnnxNode(known, operator, inputs, outputs, attributes, file);
    if (!domain.isEmpty() && !domain.equals("ai.onnx")) {
      throw node.wrong("is of the domain " + domain + ", expected ONNX's own");
    }
    return node;
  }

  private static void attribute(ProtoReader message, Path folder, Map<String, Object> attributes)
      throws IOException {
    String name = "";
    int type = 0;
    Object value = null;
    List<Float> floats = new ArrayList<>();
    List<Long> integers = new ArrayList<>();
    while (message.next()) {
      switch (message.field()) {
        case 1 -> name = message.text();
        case 2 -> value = message.floating();
        case 3 -> value = message.integer();
        case 4 -> value = message.text();
        case 5 -> value = OnnxTensor.read(message.message(), folder);
        case 7 -> message.floats(floats);
        case 8 -> message.integers(integers);
        case 20 -> type = (int) message.integer();
        default -> {}
      }
    }
    if (value == null) {
      // a zero need not be written; what is of another kind must not be taken for left out
      value =
          switch (type) {
            case 1 -> 0f;
            case 2 -> 0L;
            case 3 -> "";
            default -> List.of();
          };
    }
    boolean isFloats = type == 6 || !floats.isEmpty();
    boolean isIntegers = type == 7 || !integers.isEmpty();
    attributes.put(name, isFloats ? floats : isIntegers ? integers : value);
  }

  /** What the file asks of this node and is not to be had. */
  MalformedFileException wrong(String cause) {
    return new MalformedFileException(file, "the node " + name + " (" + operator + ") " + cause);
  }

  private <T> T attribute(String key, Class<T> type, T otherwise) throws MalformedFileException {
    Object value = attributes.get(key);
    if (value != null && !type.isInstance(value)) {
      throw wrong("has the attribute " + key + " of another type than " + type.getSimpleName());
    }
    return value == null ? otherwise : type.cast(value);
  }

  float number(String key, double otherwise) throws MalformedFileException {
    return attribute(key, Float.class, (float) otherwise);
  }

  long integer(String key, long otherwise) throws MalformedFileException {
    return attribute(key, Long.class, otherwise);
  }

  String text(String key, String otherwise) throws MalformedFileException {
    return attribute(key, String.class, otherwise);
  }

  /** Whether an input is given. */
  boolean has(int input) {
    return input < inputs.size() && !inputs.get(input).isEmpty();
  }
}
