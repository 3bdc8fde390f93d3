package org.lanegrad.bench.digits;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Reads the format of the UCI data set "Optical Recognition of Handwritten Digits": a line an
 * image, 64 integers 0 … 16 and then the digit 0 … 9, separated by commas.
 *
 * <p>A file that is not like that is refused with its name, the line and the column.
 */
public final class DigitsFile {
  private static final int VALUES = Digits.PIXELS + 1;

  private DigitsFile() {}

  /**
   * Reads a whole file.
   *
   * @throws IOException if it cannot be read
   * @throws MalformedDigitsException if it is empty, a line is ragged or a value is no number or
   *     out of range
   */
  public static Digits read(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file).stream().filter(l -> !l.isBlank()).toList();
    if (lines.isEmpty()) {
      throw new MalformedDigitsException(file + " is empty, expected a line an image");
    }
    float[] pixels = new float[lines.size() * Digits.PIXELS];
    int[] labels = new int[lines.size()];
    for (int i = 0; i < labels.length; i++) {
      String[] fields = lines.get(i).split(",", -1);
      if (fields.length != VALUES) {
        throw new MalformedDigitsException(
            String.format(
                Locale.ROOT,
                "%s, line %d: %d values, expected %d (64 pixels and the digit)",
                file,
                i + 1,
                fields.length,
                VALUES));
      }
      for (int j = 0; j < Digits.PIXELS; j++) {
        int value = value(file, i + 1, j + 1, fields[j], Digits.MAX_VALUE);
        pixels[i * Digits.PIXELS + j] = value / (float) Digits.MAX_VALUE;
      }
      labels[i] = value(file, i + 1, VALUES, fields[Digits.PIXELS], Digits.CLASSES - 1);
    }
    return new Digits(pixels, labels);
  }

  private static int value(Path file, int line, int column, String field, int max) {
    int value;
    try {
      value = Integer.parseInt(field.strip());
    } catch (NumberFormatException e) {
      value = -1;
    }
    if (value < 0 || value > max) {
      throw new MalformedDigitsException(
          String.format(
              Locale.ROOT,
              "%s, line %d, column %d: \"%s\", expected an integer 0 … %d",
              file,
              line,
              column,
              field.strip(),
              max));
    }
    return value;
  }
}
