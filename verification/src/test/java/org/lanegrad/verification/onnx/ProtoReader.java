package org.lanegrad.verification.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The fields of one Protocol Buffers message, by number: as much of the wire format as ONNX's test
 * cases use (varints, 32-bit numbers and length-delimited fields).
 */
final class ProtoReader {
  private final Map<Integer, List<Object>> fields = new LinkedHashMap<>();

  ProtoReader(byte[] message) {
    ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      long key = varint(in);
      Object value =
          switch ((int) (key & 7)) {
            case 0 -> varint(in);
            case 2 -> bytes(in);
            case 5 -> in.getFloat();
            default -> throw new IllegalArgumentException("wire type " + (key & 7));
          };
      fields.computeIfAbsent((int) (key >>> 3), k -> new ArrayList<>()).add(value);
    }
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte b = in.get();
      value |= (b & 0x7FL) << shift;
      if (b >= 0) {
        return value;
      }
    }
  }

  private static byte[] bytes(ByteBuffer in) {
    byte[] bytes = new byte[(int) varint(in)];
    in.get(bytes);
    return bytes;
  }

  boolean has(int field) {
    return fields.containsKey(field);
  }

  List<ProtoReader> messages(int field) {
    return all(field).stream().map(bytes -> new ProtoReader((byte[]) bytes)).toList();
  }

  List<String> strings(int field) {
    return all(field).stream()
        .map(bytes -> new String((byte[]) bytes, StandardCharsets.UTF_8))
        .toList();
  }

  byte[] bytes(int field) {
    return (byte[]) all(field).get(0);
  }

  float number(int field) {
    return (Float) all(field).get(0);
  }

  /** An integer; one that is not there is 0. */
  long integer(int field) {
    return has(field) ? integers(field).get(0) : 0;
  }

  /** Integers, one a field or packed. */
  List<Long> integers(int field) {
    List<Long> values = new ArrayList<>();
    for (Object value : all(field)) {
      if (value instanceof byte[] packed) {
        ByteBuffer in = ByteBuffer.wrap(packed);
        while (in.hasRemaining()) {
          values.add(varint(in));
        }
      } else {
        values.add((Long) value);
      }
    }
    return values;
  }

  private List<Object> all(int field) {
    return fields.getOrDefault(field, List.of());
  }
}
