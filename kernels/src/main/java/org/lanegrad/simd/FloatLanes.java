package org.lanegrad.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector width of all kernels, as constants that C2 can fold (a species in an instance field
 * halves the speed). Used only from the {@code Lanes} classes, which link when lanes are on.
 */
public final class FloatLanes {
  /** The widest shape that this JVM offers. */
  public static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  /** The number of floats in one vector: 16, 8 or 4. */
  public static final int COUNT = SPECIES.length();

  /**
   * The class of such a vector. {@code VECTOR.cast(v)} tells C2 what a variable holds that a loop
   * carries, before an abstract method is called on it; it costs nothing (ADR 13).
   */
  public static final Class<? extends FloatVector> VECTOR = FloatVector.zero(SPECIES).getClass();

  /** 0, 1, 2, …: what tells the lanes of a vector apart. Not exported, and never written to. */
  @SuppressWarnings("MutablePublicArray") // kernels load it as a vector
  public static final float[] NUMBERS = new float[COUNT];

  static {
    for (int i = 0; i < COUNT; i++) {
      NUMBERS[i] = i;
    }
  }

  /**
   * Lane i takes that 8, 4, 2, 1 further, around the end: 8 and 4 for sums over the lanes, all for
   * maxima. As constants, since C2 builds each {@code iota} from dozens of nodes, and a kernel with
   * two such sums then meets its limit of inlining.
   */
  public static final VectorShuffle<Float> ROTATED_8 = VectorShuffle.iota(SPECIES, 8, 1, true);

  /** Lane i + 4. */
  public static final VectorShuffle<Float> ROTATED_4 = VectorShuffle.iota(SPECIES, 4, 1, true);

  /** Lane i + 2. */
  public static final VectorShuffle<Float> ROTATED_2 = VectorShuffle.iota(SPECIES, 2, 1, true);

  /** Lane i + 1. */
  public static final VectorShuffle<Float> ROTATED_1 = VectorShuffle.iota(SPECIES, 1, 1, true);

  private FloatLanes() {}
}
