package org.lanegrad.graph;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * The floats of a session: one array that the plans of all sizes of the batch share, and small ones
 * of values that fill theirs.
 */
final class Arena {
  private final Set<float[]> apart = Collections.newSetFromMap(new IdentityHashMap<>());
  private float[] shared = new float[0];

  /** The shared array; a new one if it was shorter, which makes earlier plans useless. */
  float[] shared(int length) {
    if (shared.length < length) {
      shared = new float[length];
    }
    return shared;
  }

  /** A new array of exactly that length. */
  float[] apart(int length) {
    float[] array = new float[length];
    apart.add(array);
    return array;
  }

  /** Forgets an array of a plan that is gone. */
  void release(float[] array) {
    apart.remove(array);
  }

  /** Whether the array is the shared one. */
  boolean shares(float[] array) {
    return array == shared;
  }

  /** Whether an array is the session's. */
  boolean owns(float[] array) {
    return array == shared || apart.contains(array);
  }
}
