package org.lanegrad.graph;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.lanegrad.matmul.Workspace;

/** What a session lends to its ops while they run, one at a time. */
public final class Scratch {
  private final Workspace workspace = new Workspace();
  private final Map<Class<?>, Object> others = new HashMap<>();
  private int batch;

  Scratch() {}

  /** For products. */
  public Workspace workspace() {
    return workspace;
  }

  /** The number of examples in the batch; 1 if no input has one. */
  public int batch() {
    return batch;
  }

  void batch(int examples) {
    batch = examples;
  }

  /** An object of an op's own, made at first use and kept: its contents are lost between ops. */
  public <T> T get(Class<T> type, Supplier<T> first) {
    Object found = others.get(type);
    if (found == null) {
      found = first.get();
      others.put(type, found);
    }
    return type.cast(found);
  }
}
