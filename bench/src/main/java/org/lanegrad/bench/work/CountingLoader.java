package org.lanegrad.bench.work;

import java.io.IOException;
import java.io.InputStream;

/**
 * Loads the kernels anew, with counters in them, and what calls them; all else comes from the
 * parent.
 */
final class CountingLoader extends ClassLoader {
  static {
    registerAsParallelCapable();
  }

  private static final String OURS = "org.lanegrad.";
  private static final String BENCH = "org.lanegrad.bench.";
  private static final String VERIFICATION = "org.lanegrad.verification.";
  private static final String REFERENCE = "org.lanegrad.reference.";

  private final String workload;

  /** A loader for a class that uses the kernels, and is loaded anew as well. */
  CountingLoader(Class<?> workload) {
    super(CountingLoader.class.getClassLoader());
    this.workload = workload.getName();
  }

  private boolean isAnew(String name) {
    boolean kernelsOrChecks =
        name.startsWith(OURS) && !name.startsWith(BENCH) && !name.startsWith(REFERENCE);
    return kernelsOrChecks
        || name.startsWith(CatalogWorkload.class.getName())
        || name.startsWith(workload);
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!isAnew(name)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded != null ? loaded : define(name);
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      byte[] bytes = in.readAllBytes();
      boolean binds = name.startsWith(VERIFICATION);
      byte[] counted = binds ? bytes : Instrumenter.instrument(bytes, getParent());
      return defineClass(name, counted, 0, counted.length);
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }
}
