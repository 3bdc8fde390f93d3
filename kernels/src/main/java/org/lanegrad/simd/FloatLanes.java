package org.lanegrad.simd;

import jdk.incubator.vector.FloatVector;
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

  private FloatLanes() {}
}
