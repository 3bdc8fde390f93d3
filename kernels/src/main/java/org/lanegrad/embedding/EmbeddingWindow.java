package org.lanegrad.embedding;

import static jdk.incubator.vector.FloatVector.fromArray;

import java.util.Locale;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lanegrad.Matrix;
import org.lanegrad.check.Check;
import org.lanegrad.elementwise.Fill;
import org.lanegrad.simd.FloatLanes;
import org.lanegrad.simd.Simd;

/**
 * Y_i = (E_{w_i1}, E_{w_i2}, …): the vectors of a window of words, one after the other, zeros for
 * padding; dE_w = the sum of the parts of dY that were copied from E_w.
 *
 * <ul>
 *   <li><b>Shapes</b>: E has a row for each word; {@code words} holds the windows one after the
 *       other, {@link #PADDING} where a window reaches over an end; Y has a row for each window and
 *       width · E.columns columns.
 *   <li><b>Aliasing</b>: none of the matrices may overlap.
 *   <li><b>Accuracy</b>: forward exact; backward a sum in the order of the windows, γ(how often the
 *       word occurs).
 *   <li><b>Special values</b>: as they are.
 *   <li><b>Cost</b>: 8 bytes an element of Y forward, 12 backward, and 4 an element of dE unless it
 *       accumulates.
 *   <li><b>Determinism</b>: the same bits on every width, and from any number of parts.
 *   <li><b>Errors</b>: a word out of range is named with its place.
 *   <li><b>Source</b>: R. Collobert et al., Natural Language Processing (Almost) from Scratch
 *       (2011).
 * </ul>
 */
public final class EmbeddingWindow {
  /** The number that stands for no word. */
  public static final int PADDING = -1;

  private EmbeddingWindow() {}

  /** Y from E. */
  public static void forward(Matrix e, int[] words, Matrix y) {
    check(e, "e", words, y, "y");
    int d = e.columns();
    int width = d == 0 ? 0 : y.columns() / d;
    for (int k = 0; k < y.rows() * width; k++) {
      int to = y.index(k / width, k % width * d);
      if (words[k] == PADDING) {
        Fill.forward(0f, y.array(), to, d);
      } else {
        System.arraycopy(e.array(), e.index(words[k], 0), y.array(), to, d);
      }
    }
  }

  /** dE from dY: all of its rows, 0 for words that don't occur. */
  public static void backward(Matrix dy, int[] words, Matrix de) {
    backward(dy, words, de, false);
  }

  /**
   * The same.
   *
   * @param accumulate whether the sums are added to what is there, which touches the rows of words
   *     that occur alone, instead of overwriting all of dE
   */
  public static void backward(Matrix dy, int[] words, Matrix de, boolean accumulate) {
    backward(dy, words, de, accumulate, 0, 1);
  }

  /**
   * The same for the words w with w mod {@code parts} = {@code part} alone. The parts write
   * different rows of dE, so they may run on as many threads, and add up in the same order.
   */
  public static void backward(
      Matrix dy, int[] words, Matrix de, boolean accumulate, int part, int parts) {
    check(de, "de", words, dy, "dy");
    if (parts < 1 || part < 0 || part >= parts) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "part is %d of %d, expected 0 … parts − 1", part, parts));
    }
    int d = de.columns();
    int width = d == 0 ? 0 : dy.columns() / d;
    for (int w = accumulate ? de.rows() : part; w < de.rows(); w += parts) {
      Fill.forward(0f, de.array(), de.index(w, 0), d);
    }
    for (int k = 0; k < dy.rows() * width; k++) {
      if (words[k] != PADDING && words[k] % parts == part) {
        add(dy.array(), dy.index(k / width, k % width * d), de.array(), de.index(words[k], 0), d);
      }
    }
  }

  private static void check(Matrix table, String tableName, int[] words, Matrix y, String name) {
    Check.notNull(tableName, table, "a Matrix");
    Check.notNull("words", words, "an int[]");
    Check.notNull(name, y, "a Matrix");
    Check.stored(tableName, table.isTransposed());
    Check.stored(name, y.isTransposed());
    int d = table.columns();
    boolean whole = d == 0 || y.columns() % d == 0;
    if (!whole || (long) words.length * d != (long) y.rows() * y.columns()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s is %d × %d, expected rows of whole vectors of %d, for %d words in all",
              name,
              y.rows(),
              y.columns(),
              d,
              words.length));
    }
    for (int k = 0; k < words.length; k++) {
      if (words[k] != PADDING && (words[k] < 0 || words[k] >= table.rows())) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "words[%d] is %d, expected 0 … %d, or %d for padding",
                k,
                words[k],
                table.rows() - 1,
                PADDING));
      }
    }
    Check.separate(name, tableName, y.overlaps(table));
  }

  private static void add(float[] from, int fromIndex, float[] to, int toIndex, int length) {
    if (Simd.fills(length)) {
      Lanes.add(from, fromIndex, to, toIndex, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      to[toIndex + i] += from[fromIndex + i];
    }
  }

  private static final class Lanes {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;
    private static final int L = FloatLanes.COUNT;

    static void add(float[] from, int fromIndex, float[] to, int toIndex, int length) {
      int last = length - L;
      FloatVector lastTo = fromArray(S, to, toIndex + last);
      FloatVector lastFrom = fromArray(S, from, fromIndex + last);
      for (int pass = 0; pass < 2; pass++) {
        int start = pass == 0 ? 0 : last;
        int count = pass == 0 ? last : L;
        for (int j = 0; j < count; j += L) {
          int i = start + j;
          FloatVector sum =
              (pass == 0 ? fromArray(S, to, toIndex + i) : lastTo)
                  .add((pass == 0 ? fromArray(S, from, fromIndex + i) : lastFrom));
          sum.intoArray(to, toIndex + i);
        }
      }
    }
  }
}
