package org.lanegrad.simd;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.lanegrad.Lanegrad;

/** The library's own bytecode, for tests that read it. */
final class KernelClasses {
  private KernelClasses() {}

  /** The class files of all kernels. */
  static List<byte[]> read() throws IOException, URISyntaxException {
    Path classes =
        Path.of(Lanegrad.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<byte[]> files = new ArrayList<>();
    try (Stream<Path> all = Files.walk(classes)) {
      for (Path file : all.filter(f -> f.toString().endsWith(".class")).toList()) {
        files.add(Files.readAllBytes(file));
      }
    }
    return files;
  }
}
