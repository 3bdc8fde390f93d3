package org.lanegrad.model;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Builds a protobuf message field by field; long data are kept as they are, not copied. */
final class ProtoWriter {
  private static final int BYTES = 2;
  private static final int FIXED_32 = 5;

  private final List<ByteBuffer> parts = new ArrayList<>();
  private ByteArrayOutputStream open = new ByteArrayOutputStream();

  ProtoWriter integer(int field, long value) {
    varint((long) field << 3);
    varint(value);
    return this;
  }

  ProtoWriter floating(int field, float value) {
    varint((long) field << 3 | FIXED_32);
    open.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array());
    return this;
  }

  ProtoWriter text(int field, String value) {
    return bytes(field, ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8)));
  }

  /** From a buffer's position to its limit; the contents must stay. */
  ProtoWriter bytes(int field, ByteBuffer value) {
    varint((long) field << 3 | BYTES);
    varint(value.remaining());
    close();
    parts.add(value.duplicate());
    return this;
  }

  ProtoWriter message(int field, ProtoWriter message) {
    varint((long) field << 3 | BYTES);
    varint(message.size());
    close();
    message.close();
    parts.addAll(message.parts);
    return this;
  }

  /** The fields of another message after this one's. */
  ProtoWriter append(ProtoWriter fields) {
    close();
    fields.close();
    parts.addAll(fields.parts);
    return this;
  }

  private void varint(long value) {
    long rest = value;
    for (; (rest & ~0x7fL) != 0; rest >>>= 7) {
      open.write((int) (rest & 0x7f | 0x80));
    }
    open.write((int) rest);
  }

  private void close() {
    if (open.size() > 0) {
      parts.add(ByteBuffer.wrap(open.toByteArray()));
      open = new ByteArrayOutputStream();
    }
  }

  /** How many bytes it has. */
  long size() {
    return open.size() + parts.stream().mapToLong(ByteBuffer::remaining).sum();
  }

  void writeTo(WritableByteChannel channel) throws IOException {
    close();
    for (ByteBuffer part : parts) {
      ByteBuffer rest = part.duplicate();
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
    }
  }
}
