package org.lanegrad.verification.property;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomGenerator;
import net.jqwik.api.Shrinkable;
import org.lanegrad.Matrix;

/** Arbitraries reach what kernels trip over, and shrink to what a person can look at. */
class TensorsTest {
  private static final int DRAWS = 3000;

  private static <T> Stream<T> draws(Arbitrary<T> arbitrary) {
    RandomGenerator<T> generator = arbitrary.generator(DRAWS, true);
    Random random = new Random(1);
    return Stream.generate(() -> generator.next(random).value()).limit(DRAWS);
  }

  /** The end of a greedy way down from what fails. */
  private static <T> T shrunk(Arbitrary<T> arbitrary, Predicate<T> fails) {
    RandomGenerator<T> generator = arbitrary.generator(DRAWS, false);
    Random random = new Random(1);
    Shrinkable<T> least = generator.next(random);
    while (!fails.test(least.value())) {
      least = generator.next(random);
    }
    Optional<Shrinkable<T>> smaller = Optional.of(least);
    while (smaller.isPresent()) {
      least = smaller.get();
      smaller = least.shrink().filter(s -> fails.test(s.value())).findFirst();
    }
    return least.value();
  }

  @Property(tries = 1)
  void sizesMeetEveryEdgeOfLanesAndPrimes() {
    assertThat(draws(Tensors.size(140)).collect(Collectors.toSet()))
        .contains(1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 65, 127, 128, 129, 131)
        .allSatisfy(size -> assertThat(size).isBetween(1, 140));
    assertThat(draws(Tensors.size(1))).containsOnly(1);
  }

  @Property(tries = 1)
  void everySpecialValueIsDrawn() {
    assertThat(draws(Tensors.specialFloat()).map(Float::floatToRawIntBits).distinct()).hasSize(13);
  }

  @Property(tries = 1)
  void whatFailsShrinksToShortSizesAndRoundNumbers() {
    assertThat(shrunk(Tensors.size(5000), n -> n >= 17)).isEqualTo(17);
    assertThat(shrunk(Tensors.moderateFloat(), x -> true)).isEqualTo(1f);
    assertThat(shrunk(Tensors.moderateFloat(), x -> x < -1.5f)).isBetween(-2f, -1.5f);
    Matrix view = shrunk(Tensors.matrix(3, 5), m -> true);
    assertThat(view.offset()).isZero();
    assertThat(view.array()).hasSize(15).containsOnly(1f);
  }

  @Provide
  Arbitrary<Matrix> views() {
    return Tensors.size(7).flatMap(rows -> Tensors.size(20).flatMap(n -> Tensors.matrix(rows, n)));
  }

  @Property(tries = 200)
  void whatIsWrittenBesideAViewShows(@ForAll("views") Matrix view) {
    for (int i = 0; i < view.rows(); i++) {
      for (int j = 0; j < view.columns(); j++) {
        assertThat(Math.abs(view.get(i, j))).isBetween(0x1p-8f, 0x1p8f);
        view.set(i, j, 0);
      }
    }
    assertThat(Tensors.isUntouchedAround(view)).isTrue();
    if (view.offset() > 0) {
      view.array()[view.offset() - 1] = 0;
      assertThat(Tensors.isUntouchedAround(view)).isFalse();
    }
  }

  @Provide
  Arbitrary<Matrix> nearRankOne() {
    return Tensors.illConditioned(4, 6);
  }

  @Property(tries = 50)
  void illConditionedRowsAreNearlyParallel(@ForAll("nearRankOne") Matrix m) {
    for (int i = 1; i < m.rows(); i++) {
      for (int j = 1; j < m.columns(); j++) {
        double one = (double) m.get(0, 0) * m.get(i, j);
        double other = (double) m.get(0, j) * m.get(i, 0);
        assertThat(Math.abs(one - other)).isLessThan(0x1p-9 * Math.abs(one));
      }
    }
  }

  @Property(tries = 1)
  void labelsAreOfAllClasses() {
    assertThat(draws(Tensors.labels(2, 3)).map(labels -> 3 * labels[0] + labels[1]).distinct())
        .hasSize(9);
  }
}
