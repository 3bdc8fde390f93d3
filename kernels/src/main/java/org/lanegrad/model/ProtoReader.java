package org.lanegrad.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One message in the wire format of Protocol Buffers, field by field. Each field is found where it
 * stands in the file, and nothing is copied before its length was checked.
 */
final class ProtoReader {
  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED_32 = 5;

  private final Path file;
  private final ByteBuffer all;
  private final int from;
  private final int to;
  private int at;

  private int field;
  private int kind;
  private long number;
  private int begin;
  private int end;

  ProtoReader(Path file, ByteBuffer all, int from, int to) {
    this.file = file;
    this.all = all;
    this.from = from;
    this.to = to;
    at = from;
  }

  MalformedFileException wrong(String cause) {
    return new MalformedFileException(file, at, cause);
  }

  /** Where the message begins in the file. */
  int offset() {
    return from;
  }

  /** Goes to the next field; false at the message's end. */
  boolean next() throws MalformedFileException {
    if (at == to) {
      return false;
    }
    long tag = varint();
    field = (int) (tag >>> 3);
    kind = (int) (tag & 7);
    if (tag >>> 3 == 0 || tag >>> 3 > (1 << 29) - 1) {
      throw wrong("no field has the number " + (tag >>> 3));
    }
    switch (kind) {
      case VARINT -> number = varint();
      case FIXED_64 -> number = fixed(8);
      case FIXED_32 -> number = fixed(4);
      case BYTES -> {
        long length = varint();
        if (length < 0 || length > to - at) {
          throw wrong(
              "field "
                  + field
                  + " has "
                  + Long.toUnsignedString(length)
                  + " bytes, but "
                  + (to - at)
                  + " are left");
        }
        begin = at;
        end = at + (int) length;
        at = end;
      }
      default -> throw wrong("field " + field + " is of the wire type " + kind + ", unknown here");
    }
    return true;
  }

  private long varint() throws MalformedFileException {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (at >= to) {
        throw wrong("a number does not end");
      }
      byte b = all.get(at++);
      value |= shift == 63 ? (long) (b & 1) << 63 : (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw wrong("a number has more than ten bytes");
  }

  private long fixed(int bytes) throws MalformedFileException {
    if (to - at < bytes) {
      throw wrong("a number of " + bytes + " bytes does not end");
    }
    long value = bytes == 8 ? all.getLong(at) : all.getInt(at);
    at += bytes;
    return value;
  }

  int field() {
    return field;
  }

  /** The field as a whole number. */
  long integer() throws MalformedFileException {
    expect(kind == VARINT, "a whole number");
    return number;
  }

  /** The field as a float. */
  float floating() throws MalformedFileException {
    expect(kind == FIXED_32, "a float");
    return Float.intBitsToFloat((int) number);
  }

  /** The field as a message of its own. */
  ProtoReader message() throws MalformedFileException {
    expect(kind == BYTES, "a message");
    return new ProtoReader(file, all, begin, end);
  }

  /** The field as text. */
  String text() throws MalformedFileException {
    expect(kind == BYTES, "text");
    byte[] bytes = new byte[end - begin];
    all.get(begin, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** The field's bytes, a view of the file. */
  ByteBuffer bytes() throws MalformedFileException {
    expect(kind == BYTES, "bytes");
    return all.slice(begin, end - begin).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Adds the whole numbers of a repeated field, packed or single. */
  void integers(List<Long> numbers) throws MalformedFileException {
    if (kind == VARINT) {
      numbers.add(number);
      return;
    }
    expect(kind == BYTES, "whole numbers");
    ProtoReader packed = new ProtoReader(file, all, begin, end);
    while (packed.at < packed.to) {
      numbers.add(packed.varint());
    }
  }

  /** The same with floats. */
  void floats(List<Float> numbers) throws MalformedFileException {
    if (kind == FIXED_32) {
      numbers.add(floating());
      return;
    }
    expect(kind == BYTES && (end - begin) % 4 == 0, "floats");
    for (int i = begin; i < end; i += 4) {
      numbers.add(all.getFloat(i));
    }
  }

  private void expect(boolean holds, String what) throws MalformedFileException {
    if (!holds) {
      throw wrong("field " + field + " is not " + what);
    }
  }

  /** All texts of a field of this message. */
  static List<String> texts(ProtoReader message, int field) throws MalformedFileException {
    List<String> texts = new ArrayList<>();
    ProtoReader again = new ProtoReader(message.file, message.all, message.from, message.to);
    while (again.next()) {
      if (again.field == field) {
        texts.add(again.text());
      }
    }
    return texts;
  }
}
