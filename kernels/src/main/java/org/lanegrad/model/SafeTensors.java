package org.lanegrad.model;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;

/**
 * Named tensors in a file of the safetensors format: 8 bytes that say how long the header is, a
 * header of JSON, the elements.
 *
 * <p>A file is mapped, and checked as a whole before an element is read or an array made: length
 * and syntax of the header, names that come twice, types, shapes, offsets, holes and overlaps, the
 * file's end. An {@code F32}, {@code F16} or {@code BF16} tensor can be read, as fp32; the others
 * are listed.
 *
 * <p>A tensor of one dimension is a row; of more than two, all but the last count the rows.
 *
 * <p><b>Source</b>: the format as github.com/huggingface/safetensors describes it.
 */
public final class SafeTensors {
  private static final int LENGTH = 8;
  private static final long LONGEST_HEADER = 100_000_000;
  private static final int MOST_DIMENSIONS = 16;
  private static final String METADATA = "__metadata__";

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Path file;
  private final MemorySegment data;
  private final Map<String, Tensor> tensors;
  private final Map<String, String> metadata;

  private SafeTensors(
      Path file, MemorySegment data, Map<String, Tensor> tensors, Map<String, String> metadata) {
    this.file = file;
    this.data = data;
    this.tensors = tensors;
    this.metadata = metadata;
  }

  /**
   * What the header says of a tensor.
   *
   * @param type such as {@code F32}
   * @param shape the sizes of its dimensions
   * @param from where its bytes begin, counted from the header's end
   * @param to where they end
   */
  public record Tensor(String type, List<Long> shape, long from, long to) {
    private int bits() {
      return switch (type) {
        case "F64", "I64", "U64", "C64" -> 64;
        case "F32", "I32", "U32" -> 32;
        case "F16", "BF16", "I16", "U16" -> 16;
        case "F8_E4M3", "F8_E5M2", "F8_E8M0", "I8", "U8", "BOOL" -> 8;
        default -> 0;
      };
    }

    private boolean isReadable() {
      return type.equals("F32") || type.equals("F16") || type.equals("BF16");
    }

    private long columns() {
      return shape.isEmpty() ? 1 : shape.get(shape.size() - 1);
    }

    private long rows() {
      return shape.isEmpty()
          ? 1
          : shape.subList(0, shape.size() - 1).stream().reduce(1L, (a, b) -> a * b);
    }
  }

  /**
   * Maps a file and checks it.
   *
   * @throws MalformedFileException if it is not what it says, with the place and the cause
   * @throws IOException if it can't be read
   */
  public static SafeTensors read(Path file) throws IOException {
    Check.notNull("file", file, "a Path");
    AtomicFile.checkFile(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      return of(file, channel.map(FileChannel.MapMode.READ_ONLY, 0, size, Arena.ofAuto()));
    }
  }

  /** Checks the bytes of a file. */
  static SafeTensors of(Path file, MemorySegment all) throws MalformedFileException {
    long size = all.byteSize();
    if (size < LENGTH) {
      throw new MalformedFileException(
          file, "it has " + size + " bytes, expected at least " + LENGTH);
    }
    long length = all.get(LONG, 0);
    if (length < 0 || length > LONGEST_HEADER || length > size - LENGTH) {
      throw new MalformedFileException(
          file,
          0,
          "the header's length is "
              + Long.toUnsignedString(length)
              + ", expected at most "
              + Math.min(LONGEST_HEADER, size - LENGTH));
    }
    byte[] json = all.asSlice(LENGTH, length).toArray(ValueLayout.JAVA_BYTE);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    header(new HeaderReader(file, json, LENGTH), tensors, metadata);
    MemorySegment data = all.asSlice(LENGTH + length);
    checkPlaces(file, tensors, data.byteSize());
    return new SafeTensors(
        file, data, Collections.unmodifiableMap(tensors), Collections.unmodifiableMap(metadata));
  }

  private static void header(
      HeaderReader reader, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws MalformedFileException {
    reader.expect('{');
    boolean hasMetadata = false;
    if (!reader.takes('}')) {
      do {
        String name = reader.string();
        reader.expect(':');
        if (name.equals(METADATA)) {
          if (hasMetadata) {
            throw reader.wrong(METADATA + " comes twice");
          }
          hasMetadata = true;
          metadata(reader, metadata);
        } else if (tensors.put(name, tensor(reader, name)) != null) {
          throw reader.wrong("the tensor " + name + " comes twice");
        }
      } while (reader.takes(','));
      reader.expect('}');
    }
    reader.end();
  }

  private static void metadata(HeaderReader reader, Map<String, String> metadata)
      throws MalformedFileException {
    reader.expect('{');
    if (reader.takes('}')) {
      return;
    }
    do {
      String key = reader.string();
      reader.expect(':');
      if (metadata.put(key, reader.string()) != null) {
        throw reader.wrong("the metadata " + key + " comes twice");
      }
    } while (reader.takes(','));
    reader.expect('}');
  }

  private static Tensor tensor(HeaderReader reader, String name) throws MalformedFileException {
    String type = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    reader.expect('{');
    do {
      String key = reader.string();
      reader.expect(':');
      boolean isNew;
      switch (key) {
        case "dtype" -> {
          isNew = type == null;
          type = reader.string();
        }
        case "shape" -> {
          isNew = shape == null;
          shape = reader.numbers(MOST_DIMENSIONS);
        }
        case "data_offsets" -> {
          isNew = offsets == null;
          offsets = reader.numbers(2);
        }
        default -> throw reader.wrong("the tensor " + name + " has an unknown key, " + key);
      }
      if (!isNew) {
        throw reader.wrong(key + " of the tensor " + name + " comes twice");
      }
    } while (reader.takes(','));
    reader.expect('}');
    if (type == null || shape == null || offsets == null) {
      String missing = type == null ? "dtype" : shape == null ? "shape" : "data_offsets";
      throw reader.wrong("the tensor " + name + " has no " + missing);
    }
    if (offsets.size() != 2) {
      throw reader.wrong(
          "data_offsets of the tensor " + name + " are " + offsets + ", expected two");
    }
    Tensor tensor = new Tensor(type, List.copyOf(shape), offsets.get(0), offsets.get(1));
    check(reader, name, tensor);
    return tensor;
  }

  private static void check(HeaderReader reader, String name, Tensor tensor)
      throws MalformedFileException {
    if (tensor.to < tensor.from) {
      throw reader.wrong("the tensor " + name + " ends before it begins: " + tensor);
    }
    if (tensor.bits() == 0) {
      throw reader.wrong("the tensor " + name + " has an unknown dtype, " + tensor.type);
    }
    long elements = 1;
    boolean isEmpty = tensor.shape.contains(0L);
    for (long size : tensor.shape) {
      // an empty tensor, too, must have sizes that can be multiplied
      elements =
          Math.multiplyHigh(elements, Math.max(1, size)) == 0 ? elements * Math.max(1, size) : -1;
      if (elements < 0 || elements > 1L << 56) {
        throw reader.wrong("the tensor " + name + " has too many elements: " + tensor.shape);
      }
    }
    long expected = isEmpty ? 0 : elements * tensor.bits() / 8;
    if (tensor.to - tensor.from != expected) {
      throw reader.wrong(
          "the tensor "
              + name
              + " of shape "
              + tensor.shape
              + " has "
              + (tensor.to - tensor.from)
              + " bytes of "
              + tensor.type
              + ", expected "
              + expected);
    }
  }

  /** Throws unless the tensors fill the data without a hole or an overlap. */
  private static void checkPlaces(Path file, Map<String, Tensor> tensors, long bytes)
      throws MalformedFileException {
    List<Map.Entry<String, Tensor>> inOrder = new ArrayList<>(tensors.entrySet());
    inOrder.sort(
        (a, b) -> {
          int order = Long.compare(a.getValue().from, b.getValue().from);
          return order != 0 ? order : Long.compare(a.getValue().to, b.getValue().to);
        });
    long end = 0;
    for (Map.Entry<String, Tensor> entry : inOrder) {
      Tensor tensor = entry.getValue();
      if (tensor.from != end) {
        throw new MalformedFileException(
            file,
            "the tensor "
                + entry.getKey()
                + " begins at "
                + tensor.from
                + " of the data, expected "
                + end
                + (tensor.from < end ? ": it overlaps another" : ": there is a hole before it"));
      }
      end = tensor.to;
    }
    if (end != bytes) {
      throw new MalformedFileException(
          file, "the tensors have " + end + " bytes, but the file holds " + bytes + " of data");
    }
  }

  /** The names of the tensors, in the order of the header. */
  public Set<String> names() {
    return tensors.keySet();
  }

  /**
   * What the header says of a tensor.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public Tensor tensor(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          file + " has no tensor " + name + ", expected one of " + tensors.keySet());
    }
    return tensor;
  }

  /** What else the header says. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /**
   * A tensor as a new matrix.
   *
   * @throws IllegalArgumentException if there is none of that name, it is of a type that is not
   *     read, or too large for an array
   */
  public Matrix matrix(String name) {
    Tensor tensor = readable(name);
    long elements = tensor.rows() * tensor.columns();
    Check.length("elements of " + name, elements);
    Check.length("rows of " + name, tensor.rows());
    Check.length("columns of " + name, tensor.columns());
    Matrix matrix = Matrix.zeros((int) tensor.rows(), (int) tensor.columns());
    copy(tensor, matrix);
    return matrix;
  }

  private Tensor readable(String name) {
    Tensor tensor = tensor(name);
    if (!tensor.isReadable()) {
      throw new IllegalArgumentException(
          "the tensor " + name + " is " + tensor.type + ", expected F32, F16 or BF16");
    }
    return tensor;
  }

  /**
   * Copies tensors into matrices, as {@link org.lanegrad.graph.Graph#parameters} has them.
   *
   * @throws IllegalArgumentException if a name is missing on either side, or a shape differs: the
   *     first difference is named, and nothing is written
   */
  public void copyTo(Map<String, Matrix> targets) {
    Check.notNull("targets", targets, "a Map");
    for (Map.Entry<String, Matrix> target : targets.entrySet()) {
      Tensor tensor = readable(target.getKey());
      Matrix matrix = target.getValue();
      if (tensor.rows() != matrix.rows() || tensor.columns() != matrix.columns()) {
        throw new IllegalArgumentException(
            file + ": " + target.getKey() + " is " + tensor.shape + ", expected " + matrix);
      }
    }
    for (String name : tensors.keySet()) {
      if (!targets.containsKey(name)) {
        throw new IllegalArgumentException(
            file + " has a tensor " + name + ", expected only " + targets.keySet());
      }
    }
    targets.forEach((name, matrix) -> copy(tensor(name), matrix));
  }

  private void copy(Tensor tensor, Matrix to) {
    int columns = to.columns();
    for (int i = 0; i < to.rows(); i++) {
      long row = (long) i * columns;
      if (tensor.type.equals("F32") && to.columnStep() == 1) {
        MemorySegment.copy(data, FLOAT, tensor.from + 4 * row, to.array(), to.index(i, 0), columns);
        continue;
      }
      for (int j = 0; j < columns; j++) {
        to.array()[to.index(i, j)] = element(tensor, row + j);
      }
    }
  }

  private float element(Tensor tensor, long index) {
    return switch (tensor.type) {
      case "F32" -> data.get(FLOAT, tensor.from + 4 * index);
      case "F16" -> Float.float16ToFloat(data.get(SHORT, tensor.from + 2 * index));
      default -> Float.intBitsToFloat(data.get(SHORT, tensor.from + 2 * index) << 16);
    };
  }

  /**
   * Writes matrices, as {@code F32} of two dimensions, in the map's order. The file appears whole
   * or not at all: it is written beside its place and moved there.
   *
   * @throws IllegalArgumentException if a name is that of the metadata, or no text
   * @throws IOException if it can't be written
   */
  public static void write(Path file, Map<String, Matrix> matrices, Map<String, String> metadata)
      throws IOException {
    Check.notNull("file", file, "a Path");
    Check.notNull("matrices", matrices, "a Map");
    Check.notNull("metadata", metadata, "a Map");
    byte[] header = header(matrices, metadata);
    AtomicFile.write(
        file,
        channel -> {
          ByteBuffer buffer = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
          buffer.putLong(header.length);
          for (int from = 0; from < header.length; ) {
            int count = Math.min(buffer.remaining(), header.length - from);
            buffer.put(header, from, count);
            from += count;
            drain(channel, buffer);
          }
          for (Matrix matrix : matrices.values()) {
            for (int i = 0; i < matrix.rows(); i++) {
              for (int j = 0; j < matrix.columns(); j++) {
                if (buffer.remaining() < Float.BYTES) {
                  drain(channel, buffer);
                }
                buffer.putFloat(matrix.array()[matrix.index(i, j)]);
              }
            }
          }
          drain(channel, buffer);
        });
  }

  private static void drain(FileChannel channel, ByteBuffer buffer) throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }

  /** Padded with blanks, so that the elements begin at a multiple of 8. */
  private static byte[] header(Map<String, Matrix> matrices, Map<String, String> metadata) {
    StringBuilder json = new StringBuilder("{");
    if (!metadata.isEmpty()) {
      json.append(quoted(METADATA)).append(":{");
      metadata.forEach(
          (key, value) -> json.append(quoted(key)).append(':').append(quoted(value)).append(','));
      json.setCharAt(json.length() - 1, '}');
      json.append(',');
    }
    long from = 0;
    for (Map.Entry<String, Matrix> entry : matrices.entrySet()) {
      Check.notNull("the matrix of " + entry.getKey(), entry.getValue(), "a Matrix");
      if (entry.getKey().equals(METADATA)) {
        throw new IllegalArgumentException("a matrix is named " + METADATA + ", expected another");
      }
      int rows = entry.getValue().rows();
      int columns = entry.getValue().columns();
      long to = from + (long) Float.BYTES * rows * columns;
      json.append(quoted(entry.getKey()))
          .append(":{\"dtype\":\"F32\",\"shape\":[")
          .append(rows)
          .append(',')
          .append(columns)
          .append("],\"data_offsets\":[")
          .append(from)
          .append(',')
          .append(to)
          .append("]},");
      from = to;
    }
    if (json.length() > 1) {
      json.setLength(json.length() - 1);
    }
    byte[] text = json.append('}').toString().getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(text, (text.length + 7) / 8 * 8);
    Arrays.fill(padded, text.length, padded.length, (byte) ' ');
    return padded;
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c)) {
        quoted.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
          quoted.append(Character.forDigit(c >> shift & 15, 16));
        }
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
