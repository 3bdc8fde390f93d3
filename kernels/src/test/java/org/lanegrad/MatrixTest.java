package org.lanegrad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.lanegrad.simd.Jvm;

class MatrixTest {
  private final float[] array = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

  @Test
  void aViewReadsItsElementsByOffsetAndStride() {
    Matrix view = Matrix.of(array, 1, 2, 3, 5);
    assertThat(view.get(0, 0)).isEqualTo(1);
    assertThat(view.get(1, 2)).isEqualTo(8);
    assertThat(view.isContiguous()).isFalse();
  }

  @Test
  void transposingSwapsIndicesAndCostsNoCopy() {
    Matrix view = Matrix.of(array, 3, 4);
    Matrix transposed = view.transposed();
    assertThat(transposed.rows()).isEqualTo(4);
    assertThat(transposed.columns()).isEqualTo(3);
    assertThat(transposed.get(3, 1)).isEqualTo(view.get(1, 3));
    assertThat(transposed.array()).isSameAs(array);
    assertThat(transposed.transposed().get(1, 3)).isEqualTo(view.get(1, 3));
  }

  @Test
  void rangesOfRowsAndColumnsAreViewsOfTheSameElements() {
    Matrix view = Matrix.of(array, 3, 4);
    assertThat(view.rowRange(1, 2).get(0, 0)).isEqualTo(4);
    assertThat(view.columnRange(2, 2).get(1, 1)).isEqualTo(7);
    assertThat(view.transposed().rowRange(2, 2).get(1, 1)).isEqualTo(7);
    assertThat(view.rowRange(3, 0).rows()).isZero();
  }

  @Test
  void emptyViewsAreFine() {
    assertThat(Matrix.of(new float[0], 0, 5).rows()).isZero();
    assertThat(Matrix.of(new float[0], 7, 0).columns()).isZero();
  }

  @Test
  void overlapIsSeenInTheSameArrayOnly() {
    Matrix first = Matrix.of(array, 0, 2, 2, 2);
    assertThat(first.overlaps(Matrix.of(array, 3, 2, 2, 2))).isTrue();
    assertThat(first.overlaps(Matrix.of(array, 4, 2, 2, 2))).isFalse();
    assertThat(first.overlaps(Matrix.of(array.clone(), 0, 2, 2, 2))).isFalse();
    assertThat(first.overlaps(Matrix.of(array, 1, 0, 2, 2))).isFalse();
  }

  @Test
  void blocksOfDifferentColumnsDoNotOverlap() {
    Matrix all = Matrix.of(new float[100], 3, 8, 10, 12);
    for (int first = 0; first < 10; first++) {
      for (int width = 0; first + width <= 10; width++) {
        Matrix block = all.columnRange(first, width);
        for (int other = 0; other < 10; other++) {
          boolean expected = width > 0 && other + 2 > first && other < first + width;
          Matrix two = all.columnRange(other, Math.min(2, 10 - other)).rowRange(2, 3);
          assertThat(block.overlaps(two)).isEqualTo(expected);
          assertThat(two.overlaps(block.transposed())).isEqualTo(expected);
          assertThat(block.rowRange(0, 2).overlaps(two)).isFalse();
        }
      }
    }
  }

  @Test
  void viewsOfOtherStridesOrAcrossTheEndOfARowAreToldByWhatTheyHold() {
    float[] elements = new float[40];
    Matrix around = Matrix.of(elements, 6, 3, 4, 8); // columns 6, 7, 0 and 1 of eight
    assertThat(around.overlaps(Matrix.of(elements, 2, 4, 4, 8))).isFalse();
    assertThat(around.overlaps(Matrix.of(elements, 1, 4, 4, 8))).isTrue();
    assertThat(around.overlaps(Matrix.of(elements, 3, 4, 4, 8))).isTrue();
    assertThat(around.overlaps(Matrix.of(elements, 2, 4, 4, 9))).isTrue(); // by its extent
  }

  @Test
  void badArgumentsAreNamedWithWhatWasGivenAndExpected() {
    assertThatThrownBy(() -> Matrix.of(null, 1, 1))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("array is null, expected a float[]");
    assertThatThrownBy(() -> Matrix.of(array, -1, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("rows is -1, expected 0 or more");
    assertThatThrownBy(() -> Matrix.of(array, 0, 2, 4, 3))
        .hasMessage("rowStride is 3, expected at least the number of columns, 4");
    assertThatThrownBy(() -> Matrix.of(array, 1, 3, 4, 4))
        .hasMessageContaining("3 × 4")
        .hasMessageContaining("ends at 13")
        .hasMessageContaining("length 12");
    assertThatThrownBy(() -> Matrix.of(array, 3, 4).rowRange(2, 2))
        .hasMessage("rows from 2, count 2, expected a range within 0 … 3");
    assertThatThrownBy(() -> Matrix.of(array, 3, 4).get(3, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("i is 3, expected 0 or more and below the number of rows, 3");
    assertThatThrownBy(() -> Matrix.of(array, 3, 4).transposed().get(0, -1))
        .hasMessage("j is -1, expected 0 or more and below the number of columns, 3");
    assertThatThrownBy(() -> Matrix.zeros(1 << 16, 1 << 16)).hasMessageContaining("4294967296");
  }

  @Test
  void alignedRowsStartAtMultiplesOf64BytesBehindTheArrayHeader() {
    int header = Jvm.here().arrayHeader();
    for (int columns : new int[] {1, 15, 16, 17, 1000}) {
      Matrix matrix = Matrix.aligned(3, columns);
      assertThat(matrix.rows()).isEqualTo(3);
      assertThat(matrix.columns()).isEqualTo(columns);
      for (int i = 0; i < 3; i++) {
        assertThat((header + 4 * matrix.index(i, 0)) % 64).isZero();
        assertThat(matrix.get(i, columns - 1)).isZero();
      }
    }
    assertThat(Matrix.aligned(0, 5).rows()).isZero();
    assertThat(Matrix.aligned(5, 0).columns()).isZero();
    assertThatThrownBy(() -> Matrix.aligned(2, -1)).hasMessage("columns is -1, expected 0 or more");
    assertThatThrownBy(() -> Matrix.aligned(1, Integer.MAX_VALUE))
        .hasMessageStartingWith("columns, padded to 16, is 2147483648, more than");
    assertThatThrownBy(() -> Matrix.aligned(0, Integer.MAX_VALUE))
        .hasMessageStartingWith("columns, padded to 16, is 2147483648, more than");
    assertThatThrownBy(() -> Matrix.aligned(1 << 16, 1 << 15))
        .hasMessageMatching("1[1-3] \\+ rows · padded columns is 21474836[56]\\d, more than.*");
  }

  @Test
  void anOverflowingStrideIsCaughtInSixtyFourBits() {
    assertThatThrownBy(() -> Matrix.of(array, 0, 3, 4, 0x7fff_ffff))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ends at 4294967298");
  }

  @Test
  void setWritesOneElementOfAnyView() {
    Matrix matrix = Matrix.of(new float[14], 1, 3, 4, 4);
    matrix.set(1, 2, 5f);
    matrix.transposed().set(3, 0, 7f);
    assertThat(matrix.get(1, 2)).isEqualTo(5f);
    assertThat(matrix.get(0, 3)).isEqualTo(7f);
    assertThatThrownBy(() -> matrix.set(3, 0, 1f)).hasMessageContaining("i is 3");
  }

  @Test
  void theSameViewIsToldFromOneThatOverlaps() {
    Matrix matrix = Matrix.of(new float[12], 3, 4);
    assertThat(matrix.isSameView(Matrix.of(matrix.array(), 3, 4))).isTrue();
    assertThat(matrix.isSameView(matrix.transposed())).isFalse();
    assertThat(matrix.isSameView(matrix.rowRange(0, 2))).isFalse();
    assertThat(matrix.isSameView(Matrix.of(matrix.array(), 4, 3))).isFalse();
    assertThat(matrix.isSameView(Matrix.zeros(3, 4))).isFalse();
  }

  /**
   * Whether C2 removes a view that is made in a call is luck: a call of a thousand elements took
   * twice as long.
   */
  @Test
  void aRangeOfAllRowsOrColumnsIsTheViewItself() {
    Matrix a = Matrix.of(new float[20], 1, 3, 4, 5);
    assertThat(a.rowRange(0, 3)).isSameAs(a);
    assertThat(a.columnRange(0, 4)).isSameAs(a);
    assertThat(a.transposed().rowRange(0, 4)).isSameAs(a.transposed());
    assertThat(a.rowRange(0, 2)).isNotSameAs(a);
    assertThat(a.columnRange(1, 3)).isNotSameAs(a);
  }
}
