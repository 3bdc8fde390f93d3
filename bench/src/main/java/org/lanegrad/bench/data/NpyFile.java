package org.lanegrad.bench.data;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lanegrad.bench.data.DataFile.Numbers;

/**
 * NPY, NumPy's format: a header that is a dictionary of Python, and the elements. The first
 * dimension counts the rows.
 */
final class NpyFile {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MOST_HEADER = 1 << 16;
  private static final int CHUNK = 1 << 16;

  private static final Pattern TYPE = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([\\d,\\s]*)\\)");

  private NpyFile() {}

  static boolean begins(byte[] start) {
    return start.length >= MAGIC.length && Arrays.equals(Arrays.copyOf(start, MAGIC.length), MAGIC);
  }

  static Numbers read(Path file, InputStream in) throws IOException {
    DataInputStream data = new DataInputStream(in);
    data.skipNBytes(MAGIC.length);
    int version = data.readUnsignedByte();
    data.readUnsignedByte();
    long length =
        version == 1
            ? Short.toUnsignedInt(Short.reverseBytes(data.readShort()))
            : Integer.toUnsignedLong(Integer.reverseBytes(data.readInt()));
    if (version < 1 || version > 3 || length > MOST_HEADER) {
      throw new MalformedDataException(
          file, "it is NPY of version " + version + " with a header of " + length + " bytes");
    }
    byte[] bytes = new byte[(int) length];
    data.readFully(bytes);
    String header = new String(bytes, StandardCharsets.UTF_8);
    String type = found(file, header, TYPE, "type");
    if (found(file, header, ORDER, "order").equals("True")) {
      throw new MalformedDataException(file, "its elements are column by column, expected rows");
    }
    long rows = 1;
    long columns = 1;
    boolean isFirst = true;
    for (String dimension : found(file, header, SHAPE, "shape").split(",", -1)) {
      if (dimension.isBlank()) {
        continue;
      }
      String digits = dimension.strip();
      long size = digits.matches("\\d{1,10}") ? Long.parseLong(digits) : -1;
      if (isFirst) {
        rows = size;
      } else {
        columns = size <= 0 || columns > DataFile.MOST ? -1 : columns * size;
      }
      isFirst = false;
    }
    int size = DataFile.size(file, rows, columns);
    float[] values = new float[Math.min(size, CHUNK)];
    for (int i = 0; i < size; i++) {
      if (i == values.length) {
        // grows as the file does: a header that lies costs no memory
        values = Arrays.copyOf(values, (int) Math.min(size, 2L * i));
      }
      values[i] = element(file, data, type);
    }
    DataFile.requireEnd(file, in);
    return new Numbers(values, (int) rows, (int) columns, null);
  }

  private static String found(Path file, String header, Pattern pattern, String what)
      throws MalformedDataException {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      throw new MalformedDataException(file, "its header names no " + what + ": " + header.strip());
    }
    return matcher.group(1);
  }

  private static float element(Path file, DataInputStream data, String type) throws IOException {
    return switch (type) {
      case "|u1", "<u1" -> data.readUnsignedByte();
      case "|b1" -> data.readUnsignedByte();
      case "|i1", "<i1" -> data.readByte();
      case "<i2" -> Short.reverseBytes(data.readShort());
      case "<i4" -> Integer.reverseBytes(data.readInt());
      case "<i8" -> Long.reverseBytes(data.readLong());
      case "<f2" -> Float.float16ToFloat(Short.reverseBytes(data.readShort()));
      case "<f4" -> Float.intBitsToFloat(Integer.reverseBytes(data.readInt()));
      case "<f8" -> (float) Double.longBitsToDouble(Long.reverseBytes(data.readLong()));
      default ->
          throw new MalformedDataException(
              file,
              "its elements are of type "
                  + type
                  + ", expected |u1, |i1, |b1, <i2, <i4, <i8, <f2, <f4 or <f8");
    };
  }
}
