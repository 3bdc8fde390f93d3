package org.lanegrad.bench.data;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import org.lanegrad.bench.data.DataFile.Numbers;

/**
 * IDX, the format of MNIST: two zeros, a type, the number of dimensions, the dimensions, and the
 * elements in the order of the network. The first dimension counts the rows.
 */
final class IdxFile {
  private static final int BYTE = 0x08;
  private static final int SIGNED_BYTE = 0x09;
  private static final int SHORT = 0x0b;
  private static final int INT = 0x0c;
  private static final int FLOAT = 0x0d;
  private static final int DOUBLE = 0x0e;
  private static final int CHUNK = 1 << 16;

  private IdxFile() {}

  static boolean begins(byte[] start) {
    return start.length >= 4
        && start[0] == 0
        && start[1] == 0
        && start[2] >= BYTE
        && start[2] <= DOUBLE;
  }

  static Numbers read(Path file, InputStream in) throws IOException {
    DataInputStream data = new DataInputStream(in);
    int magic = data.readInt();
    int type = magic >> 8;
    int dimensions = magic & 0xff;
    if (dimensions == 0 || type == 0x0a) {
      throw new MalformedDataException(
          file, "it is IDX of type " + type + " and " + dimensions + " dimensions");
    }
    long rows = data.readInt();
    long columns = 1;
    for (int d = 1; d < dimensions; d++) {
      long dimension = data.readInt();
      columns = dimension <= 0 || columns > DataFile.MOST ? -1 : columns * dimension;
    }
    int size = DataFile.size(file, rows, columns);
    float[] values = new float[Math.min(size, CHUNK)];
    for (int i = 0; i < size; i++) {
      if (i == values.length) {
        // grows as the file does: a header that lies costs no memory
        values = Arrays.copyOf(values, (int) Math.min(size, 2L * i));
      }
      values[i] = element(data, type);
    }
    DataFile.requireEnd(file, in);
    return new Numbers(values, (int) rows, (int) columns, null);
  }

  private static float element(DataInputStream data, int type) throws IOException {
    return switch (type) {
      case BYTE -> data.readUnsignedByte();
      case SIGNED_BYTE -> data.readByte();
      case SHORT -> data.readShort();
      case INT -> data.readInt();
      case FLOAT -> data.readFloat();
      default -> (float) data.readDouble();
    };
  }
}
