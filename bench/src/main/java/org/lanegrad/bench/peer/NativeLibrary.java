package org.lanegrad.bench.peer;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Shared libraries out of a jar on the class path. */
final class NativeLibrary {
  private NativeLibrary() {}

  /**
   * Unpacks and opens libraries in the order given, so that the later ones find the earlier ones.
   *
   * @return the last one's symbols, or nothing if the last one is not on the class path
   */
  @SuppressWarnings("restricted") // the build enables native access
  static Optional<SymbolLookup> open(String folder, List<String> names) {
    if (NativeLibrary.class.getResource(folder + names.get(names.size() - 1)) == null) {
      return Optional.empty();
    }
    try {
      Path directory = Files.createTempDirectory("lanegrad-peer");
      SymbolLookup last = null;
      for (String name : names) {
        try (InputStream in = NativeLibrary.class.getResourceAsStream(folder + name)) {
          if (in != null) {
            Path file = directory.resolve(name);
            Files.copy(in, file);
            last = SymbolLookup.libraryLookup(file, Arena.global());
          }
        }
      }
      return Optional.ofNullable(last);
    } catch (IOException e) {
      throw new IllegalStateException("cannot unpack " + names, e);
    }
  }

  /** One thread each, and OpenBLAS's own choice of kernels, whatever the shell says. */
  @SuppressWarnings("restricted")
  static void settle() {
    environment("unsetenv", "OPENBLAS_CORETYPE", null);
    for (String name : List.of("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "DNNL_NUM_THREADS")) {
      environment("setenv", name, "1");
    }
  }

  @SuppressWarnings("restricted")
  private static void environment(String function, String name, String value) {
    Linker linker = Linker.nativeLinker();
    try (Arena arena = Arena.ofConfined()) {
      var symbol = linker.defaultLookup().findOrThrow(function);
      int status;
      if (value == null) {
        status =
            (int)
                linker
                    .downcallHandle(
                        symbol, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS))
                    .invokeExact(arena.allocateFrom(name));
      } else {
        status =
            (int)
                linker
                    .downcallHandle(
                        symbol,
                        FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_INT))
                    .invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 1);
      }
      if (status != 0) {
        throw new IllegalStateException(function + " of " + name + " gave " + status);
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
