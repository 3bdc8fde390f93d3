package org.lanegrad.bench.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.lanegrad.Matrix;

/**
 * Reads files of numbers, whatever their name: gzip, IDX and NPY are known by their first bytes,
 * all else is CSV.
 */
public final class DataFile {
  private static final int GZIP = 0x1f8b;

  /** More would not fit into a matrix. */
  static final long MOST = Integer.MAX_VALUE - 8L;

  private DataFile() {}

  /**
   * Reads examples.
   *
   * @param file a row for each example
   * @param labels as many whole numbers, 0 and above; null: they are the file's last column
   * @throws MalformedDataException if a file is not what it says
   */
  public static DataSet labelled(Path file, Path labels) throws IOException {
    Numbers numbers = numbers(file);
    if (labels == null) {
      return withLastColumn(file, numbers);
    }
    Numbers classes = numbers(labels);
    if (classes.columns != 1) {
      throw new MalformedDataException(
          labels, "it has " + classes.columns + " columns, expected one label a row");
    }
    if (classes.rows != numbers.rows) {
      throw new MalformedDataException(
          labels,
          "it has " + classes.rows + " labels, and " + file + " has " + numbers.rows + " rows");
    }
    int[] found = new int[numbers.rows];
    for (int i = 0; i < found.length; i++) {
      found[i] = label(labels, classes, i, 0);
    }
    return new DataSet(Matrix.of(numbers.values, numbers.rows, numbers.columns), found);
  }

  private static DataSet withLastColumn(Path file, Numbers numbers) throws MalformedDataException {
    if (numbers.columns < 2) {
      throw new MalformedDataException(
          file, "it has " + numbers.columns + " column, expected some and then the label");
    }
    int columns = numbers.columns - 1;
    Matrix rows = Matrix.zeros(numbers.rows, columns);
    int[] labels = new int[numbers.rows];
    for (int i = 0; i < numbers.rows; i++) {
      System.arraycopy(numbers.values, i * (columns + 1), rows.array(), i * columns, columns);
      labels[i] = label(file, numbers, i, columns);
    }
    return new DataSet(rows, labels);
  }

  private static int label(Path file, Numbers numbers, int row, int column)
      throws MalformedDataException {
    float value = numbers.values[row * numbers.columns + column];
    if (value != (int) value || value < 0 || value > 1_000_000) {
      throw new MalformedDataException(
          file,
          String.format(
              Locale.ROOT,
              "%s, the label is %s, expected a whole number, 0 or more",
              numbers.place(row, column),
              value));
    }
    return (int) value;
  }

  /** Reads rows without labels. */
  public static DataSet unlabelled(Path file) throws IOException {
    Numbers numbers = numbers(file);
    return new DataSet(Matrix.of(numbers.values, numbers.rows, numbers.columns), null);
  }

  /**
   * What a file holds.
   *
   * @param lines the line of each row; null for files that have none
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Numbers(float[] values, int rows, int columns, int[] lines) {
    String place(int row, int column) {
      return lines == null
          ? "row " + (row + 1) + ", column " + (column + 1)
          : "line " + lines[row] + ", column " + (column + 1);
    }
  }

  private static Numbers numbers(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new FileSystemException(file.toString(), null, "a folder, expected a file");
    }
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString(), null, "no such file");
    }
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        InputStream in = unzipped(raw)) {
      in.mark(8);
      byte[] start = in.readNBytes(8);
      in.reset();
      if (start.length == 0) {
        throw new MalformedDataException(file, "it is empty");
      }
      if (NpyFile.begins(start)) {
        return NpyFile.read(file, in);
      }
      return IdxFile.begins(start) ? IdxFile.read(file, in) : CsvFile.read(file, in);
    } catch (EOFException e) {
      throw new MalformedDataException(file, "it ends too early");
    } catch (ZipException e) {
      throw new MalformedDataException(file, "it is no whole gzip file: " + e.getMessage());
    }
  }

  private static InputStream unzipped(InputStream raw) throws IOException {
    raw.mark(2);
    int first = raw.read() << 8 | raw.read();
    raw.reset();
    return first == GZIP
        ? new BufferedInputStream(new GZIPInputStream(raw, 1 << 16), 1 << 16)
        : raw;
  }

  /** Throws unless a file ends here. */
  static void requireEnd(Path file, InputStream in) throws IOException {
    if (in.read() >= 0) {
      throw new MalformedDataException(file, "it goes on after its last element");
    }
  }

  /** The number of elements; nothing of that size is made yet. */
  static int size(Path file, long rows, long columns) throws MalformedDataException {
    if (rows <= 0 || columns <= 0 || columns > MOST || rows > MOST / columns) {
      throw new MalformedDataException(
          file, "it has " + rows + " × " + columns + " elements, expected 1 … " + MOST);
    }
    return (int) (rows * columns);
  }
}
