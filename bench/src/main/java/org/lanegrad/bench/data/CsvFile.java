package org.lanegrad.bench.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.lanegrad.bench.data.DataFile.Numbers;

/**
 * Numbers between commas, a line a row. A first line of names is skipped, and so are blank lines,
 * which count all the same.
 */
final class CsvFile {
  private static final CSVFormat FORMAT =
      CSVFormat.DEFAULT.builder().setTrim(true).setIgnoreEmptyLines(true).get();

  private static final char BYTE_ORDER_MARK = '\ufeff';

  private CsvFile() {}

  static Numbers read(Path file, InputStream in) throws IOException {
    float[] values = new float[1024];
    int[] lines = new int[64];
    int rows = 0;
    int columns = 0;
    int size = 0;
    try (Reader text = withoutMark(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()));
        CSVParser parser = CSVParser.builder().setReader(text).setFormat(FORMAT).get()) {
      for (CSVRecord record : parser) {
        long line = parser.getCurrentLineNumber();
        if (record.size() == 1 && record.get(0).isBlank()) {
          continue;
        }
        if (rows == 0 && columns == 0 && isNames(record)) {
          columns = record.size();
          continue;
        }
        if (columns > 0 && record.size() != columns) {
          throw new MalformedDataException(
              file,
              String.format(
                  Locale.ROOT,
                  "line %d: %d values, expected %d as in the first line",
                  line,
                  record.size(),
                  columns));
        }
        columns = record.size();
        if (size + (long) columns > DataFile.MOST) {
          throw new MalformedDataException(file, "it has more than " + DataFile.MOST + " values");
        }
        if (size + columns > values.length) {
          values = Arrays.copyOf(values, (int) Math.min(DataFile.MOST, 2L * (size + columns)));
        }
        if (rows == lines.length) {
          lines = Arrays.copyOf(lines, 2 * rows);
        }
        lines[rows] = (int) line;
        for (int j = 0; j < columns; j++) {
          values[size++] = number(file, line, j, record.get(j));
        }
        rows++;
      }
    } catch (UncheckedIOException e) {
      throw unreadable(file, e.getCause());
    } catch (CharacterCodingException e) {
      throw unreadable(file, e);
    }
    if (rows == 0) {
      throw new MalformedDataException(file, "it has no rows of numbers");
    }
    return new Numbers(Arrays.copyOf(values, size), rows, columns, lines);
  }

  /** Without the mark that some editors put before UTF-8. */
  private static Reader withoutMark(Reader text) throws IOException {
    BufferedReader reader = new BufferedReader(text);
    reader.mark(1);
    if (reader.read() != BYTE_ORDER_MARK) {
      reader.reset();
    }
    return reader;
  }

  private static IOException unreadable(Path file, IOException cause) {
    if (cause instanceof CharacterCodingException) {
      return new MalformedDataException(file, "it is neither text in UTF-8 nor gzip, IDX or NPY");
    }
    return new MalformedDataException(file, cause.getMessage());
  }

  private static boolean isNames(CSVRecord record) {
    return record.stream().noneMatch(CsvFile::isNumber);
  }

  private static boolean isNumber(String field) {
    try {
      Float.parseFloat(field);
      return true;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static float number(Path file, long line, int column, String field)
      throws MalformedDataException {
    float value = isNumber(field) ? Float.parseFloat(field) : Float.NaN;
    if (!Float.isFinite(value)) {
      throw new MalformedDataException(
          file,
          String.format(
              Locale.ROOT,
              "line %d, column %d: \"%s\", expected a number, and commas between numbers",
              line,
              column + 1,
              field.length() > 40 ? field.substring(0, 40) + "…" : field));
    }
    return value;
  }
}
