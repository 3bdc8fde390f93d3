package org.lanegrad.model;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A TensorProto of ONNX: floats (of 16 bits, too, and doubles, rounded) or ints.
 *
 * @param name its name
 * @param dims its dimensions
 * @param floats its elements, null if they are ints
 * @param ints its elements, null if they are floats
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record OnnxTensor(String name, List<Long> dims, float[] floats, long[] ints) {
  private static final int FLOAT = 1;
  private static final int INT32 = 6;
  private static final int INT64 = 7;
  private static final int FLOAT16 = 10;
  private static final int DOUBLE = 11;
  private static final int BFLOAT16 = 16;
  private static final int EXTERNAL = 1;

  /** The number of elements that dimensions ask for; −1 if an array can't hold them. */
  static long size(List<Long> dims) {
    long size = 1;
    for (long dim : dims) {
      if (dim < 0 || dim > Integer.MAX_VALUE) {
        return -1;
      }
      size = size * dim;
      if (size > Integer.MAX_VALUE) {
        return -1;
      }
    }
    return size;
  }

  /** Reads one; external data lies in a folder. */
  static OnnxTensor read(ProtoReader message, Path folder) throws IOException {
    String name = "";
    List<Long> dims = new ArrayList<>();
    List<Float> floatData = new ArrayList<>();
    List<Long> intData = new ArrayList<>();
    Map<String, String> external = new HashMap<>();
    ByteBuffer raw = null;
    int type = 0;
    boolean isExternal = false;
    while (message.next()) {
      switch (message.field()) {
        case 1 -> message.integers(dims);
        case 2 -> type = (int) message.integer();
        case 4 -> message.floats(floatData);
        case 5, 7 -> message.integers(intData);
        case 8 -> name = message.text();
        case 9 -> raw = message.bytes();
        case 13 -> {
          ProtoReader entry = message.message();
          String key = "";
          String value = "";
          while (entry.next()) {
            key = entry.field() == 1 ? entry.text() : key;
            value = entry.field() == 2 ? entry.text() : value;
          }
          external.put(key, value);
        }
        case 14 -> isExternal = message.integer() == EXTERNAL;
        default -> {}
      }
    }
    long size = size(dims);
    if (size < 0) {
      throw message.wrong("the tensor " + name + " has the dimensions " + dims);
    }
    int width = width(type);
    if (width == 0) {
      throw message.wrong(
          "the tensor "
              + name
              + " is of type "
              + type
              + ", expected float, float16, bfloat16, double, int32 or int64");
    }
    if (isExternal) {
      raw = external(message, name, external, folder, size * width);
    }
    boolean isInts = type == INT32 || type == INT64;
    boolean fits =
        raw != null
            ? raw.remaining() == size * width
            : type != DOUBLE && size == (type == FLOAT ? floatData : intData).size();
    if (!fits) {
      throw message.wrong(
          "the tensor "
              + name
              + " of dimensions "
              + dims
              + " has not "
              + size
              + " elements of its type");
    }
    float[] floats = isInts ? null : new float[(int) size];
    long[] ints = isInts ? new long[(int) size] : null;
    for (int i = 0; i < size; i++) {
      if (isInts) {
        ints[i] =
            raw == null ? intData.get(i) : type == INT64 ? raw.getLong(8 * i) : raw.getInt(4 * i);
      } else if (type == FLOAT) {
        floats[i] = raw == null ? floatData.get(i) : raw.getFloat(4 * i);
      } else if (type == DOUBLE) {
        floats[i] = (float) raw.getDouble(8 * i);
      } else {
        short half = raw == null ? (short) (long) intData.get(i) : raw.getShort(2 * i);
        floats[i] = type == FLOAT16 ? Float.float16ToFloat(half) : Float.intBitsToFloat(half << 16);
      }
    }
    return new OnnxTensor(name, List.copyOf(dims), floats, ints);
  }

  private static int width(int type) {
    return switch (type) {
      case FLOAT, INT32 -> 4;
      case INT64, DOUBLE -> 8;
      case FLOAT16, BFLOAT16 -> 2;
      default -> 0;
    };
  }

  /** Bytes of a file in the model's folder, and nowhere else. */
  private static ByteBuffer external(
      ProtoReader message, String name, Map<String, String> entry, Path folder, long bytes)
      throws IOException {
    String location = entry.getOrDefault("location", "");
    Path file = folder.resolve(location).normalize();
    boolean isInside = !location.isEmpty() && file.getParent() != null && file.startsWith(folder);
    if (!isInside
        || !Files.isRegularFile(file)
        || !file.toRealPath().startsWith(folder.toRealPath())) {
      throw message.wrong(
          "the data of the tensor "
              + name
              + " are in \""
              + location
              + "\", expected a file in the folder of the model");
    }
    long offset = number(message, name, entry.getOrDefault("offset", "0"));
    long length = number(message, name, entry.getOrDefault("length", Long.toString(bytes)));
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (length != bytes || offset > channel.size() - bytes) {
        throw message.wrong(
            "the data of the tensor "
                + name
                + " are "
                + length
                + " bytes from "
                + offset
                + " on in "
                + location
                + ", which has "
                + channel.size()
                + "; expected "
                + bytes);
      }
      return channel
          .map(FileChannel.MapMode.READ_ONLY, offset, bytes)
          .order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  private static long number(ProtoReader message, String name, String text)
      throws MalformedFileException {
    if (!text.matches("\\d{1,18}")) {
      throw message.wrong(
          "the data of the tensor "
              + name
              + " have the offset or length \""
              + text
              + "\", expected a number");
    }
    return Long.parseLong(text);
  }
}
