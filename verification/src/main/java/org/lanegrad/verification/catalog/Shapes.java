package org.lanegrad.verification.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The sizes that ops are tried at: 0, 1, one less and one more than every number of lanes and than
 * the blocks of the kernels, and primes.
 */
final class Shapes {
  private static final int[] AWKWARD = {0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33};

  private Shapes() {}

  static List<Shape> lengths() {
    return IntStream.concat(
            IntStream.of(AWKWARD), IntStream.of(32, 63, 64, 65, 127, 128, 129, 257, 1009, 4096))
        .mapToObj(Shape::of)
        .toList();
  }

  static List<Shape> shortLengths() {
    return IntStream.of(1, 3, 8, 15, 16, 17, 64, 65, 127, 257).mapToObj(Shape::of).toList();
  }

  static List<Shape> benchmarkLengths() {
    // all beyond the first-level cache, two arrays of them as well as five
    return List.of(Shape.of(1 << 13), Shape.of(1 << 14), Shape.of(1 << 16));
  }

  /** Every combination of some sizes, and single large ones that reach each path and block edge. */
  static List<Shape> products() {
    List<Shape> shapes = new ArrayList<>();
    for (int m : new int[] {0, 1, 2, 5, 6, 7, 9, 13}) {
      for (int k : new int[] {0, 1, 4, 9, 17}) {
        for (int n : new int[] {0, 1, 7, 16, 17, 33, 63, 64, 65}) {
          shapes.add(new Shape(m, k, n));
        }
      }
    }
    shapes.add(new Shape(97, 33, 70));
    shapes.add(new Shape(1, 517, 1031));
    shapes.add(new Shape(4, 131, 1025));
    shapes.add(new Shape(5, 131, 1025));
    shapes.add(new Shape(53, 521, 131));
    shapes.add(new Shape(101, 9, 1033));
    return shapes;
  }

  static List<Shape> smallProducts() {
    return List.of(
        new Shape(1, 1, 1),
        new Shape(2, 3, 5),
        new Shape(7, 5, 4),
        new Shape(6, 9, 17),
        new Shape(13, 8, 10));
  }

  static List<Shape> benchmarkProducts() {
    return List.of(new Shape(64, 64, 64), new Shape(128, 128, 128), new Shape(256, 256, 256));
  }

  static List<Shape> layers() {
    return List.of(
        new Shape(1, 1, 1),
        new Shape(1, 17, 33),
        new Shape(3, 5, 63),
        new Shape(7, 64, 10),
        new Shape(8, 9, 64),
        new Shape(33, 31, 65),
        new Shape(5, 0, 3),
        new Shape(100, 13, 16));
  }

  static List<Shape> smallLayers() {
    return List.of(
        new Shape(1, 1, 1), new Shape(2, 3, 4), new Shape(5, 7, 17), new Shape(9, 4, 10));
  }

  static List<Shape> logits() {
    List<Shape> shapes = new ArrayList<>();
    for (int classes : new int[] {1, 2, 7, 8, 9, 10, 15, 16, 17, 33, 64, 65, 1000}) {
      shapes.add(new Shape(1, 1, classes));
      shapes.add(new Shape(5, 1, classes));
    }
    return shapes;
  }

  static List<Shape> smallLogits() {
    return List.of(new Shape(1, 1, 1), new Shape(3, 1, 10), new Shape(4, 1, 17));
  }

  static List<Shape> benchmarkLogits() {
    // all in the L2 cache, and more rows rather than much longer ones: a slope shall show the order
    // of the work, neither the next level of the cache nor what a row costs
    return List.of(new Shape(16, 1, 200), new Shape(64, 1, 300), new Shape(128, 1, 400));
  }
}
