package org.lanegrad.bench.digits;

import java.util.SplittableRandom;
import org.lanegrad.Matrix;
import org.lanegrad.bench.data.DataSet;

/**
 * Draws digits: a bitmap of its own for each digit, shifted, rotated, scaled and with noise on a 32
 * × 32 grid, then counted in blocks of 4 × 4 to 8 × 8 values 0 … 16, as the scanned data set was.
 */
public final class DigitsGenerator {
  // spotless:off
  private static final String[] GLYPHS = {
    ".####." + "##..##" + "##..##" + "##..##" + "##..##" + "##..##" + "##..##" + ".####.",
    "..##.." + ".###.." + "..##.." + "..##.." + "..##.." + "..##.." + "..##.." + ".####.",
    ".####." + "##..##" + "....##" + "...##." + "..##.." + ".##..." + "##...." + "######",
    ".####." + "##..##" + "....##" + "..###." + "....##" + "....##" + "##..##" + ".####.",
    "...##." + "..###." + ".#.##." + "#..##." + "######" + "...##." + "...##." + "...##.",
    "######" + "##...." + "##...." + "#####." + "....##" + "....##" + "##..##" + ".####.",
    "..###." + ".##..." + "##...." + "#####." + "##..##" + "##..##" + "##..##" + ".####.",
    "######" + "....##" + "...##." + "...##." + "..##.." + "..##.." + ".##..." + ".##...",
    ".####." + "##..##" + "##..##" + ".####." + "##..##" + "##..##" + "##..##" + ".####.",
    ".####." + "##..##" + "##..##" + "##..##" + ".#####" + "....##" + "...##." + ".###..",
  };
  // spotless:on

  /** Pixels of one image. */
  static final int PIXELS = 64;

  private static final int CLASSES = 10;

  /** The largest value of a pixel in a file. */
  static final int MAX_VALUE = 16;

  private static final int GLYPH_WIDTH = 6;
  private static final int GLYPH_HEIGHT = 8;
  private static final int GRID = 32;
  private static final int BLOCK = 4;
  private static final double NOISE = 0.08;

  private DigitsGenerator() {}

  /** So many images, the digits in turn; the same ones for the same seed. */
  public static DataSet draw(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] pixels = new float[count * PIXELS];
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = i % CLASSES;
      draw(GLYPHS[labels[i]], random, pixels, i * PIXELS);
    }
    return new DataSet(Matrix.of(pixels, count, PIXELS), labels);
  }

  private static void draw(String glyph, SplittableRandom random, float[] pixels, int from) {
    double angle = random.nextDouble(-0.4, 0.4);
    double width = random.nextDouble(2.6, 3.8);
    double height = random.nextDouble(2.8, 3.8);
    double dx = random.nextDouble(-3, 3);
    double dy = random.nextDouble(-2, 2);
    for (int y = 0; y < GRID; y++) {
      for (int x = 0; x < GRID; x++) {
        double u = x - GRID / 2.0 - dx;
        double v = y - GRID / 2.0 - dy;
        double across = (u * Math.cos(angle) + v * Math.sin(angle)) / width;
        double down = (v * Math.cos(angle) - u * Math.sin(angle)) / height;
        boolean on = isOn(glyph, across, down) != random.nextDouble() < NOISE;
        int block = y / BLOCK * (GRID / BLOCK) + x / BLOCK;
        pixels[from + block] += on ? 1f / MAX_VALUE : 0f;
      }
    }
  }

  private static boolean isOn(String glyph, double across, double down) {
    int column = (int) Math.floor(across + GLYPH_WIDTH / 2.0);
    int row = (int) Math.floor(down + GLYPH_HEIGHT / 2.0);
    return column >= 0
        && column < GLYPH_WIDTH
        && row >= 0
        && row < GLYPH_HEIGHT
        && glyph.charAt(row * GLYPH_WIDTH + column) == '#';
  }
}
