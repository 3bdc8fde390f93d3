package org.lanegrad.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.lanegrad.verification.catalog.OpCatalog;

/** A kernel without a row would be a kernel without a check. */
class CatalogCompletenessTest {
  /**
   * Public classes of the kernel packages that compute nothing of their own: interfaces, storage,
   * and two ways to call Gemm, whose bits GemmPropertiesTest holds against Gemm's.
   */
  private static final Set<String> NOT_KERNELS =
      Set.of(
          "Activation",
          "BitActivation",
          "Workspace",
          "PackedMatrix",
          "GemmPlan",
          "Gemv",
          "DenseTape",
          "DenseGradients",
          "Targets",
          "Reduction",
          "GradientClipping",
          "LearningRate");

  @Test
  void everyKernelHasARow() throws IOException {
    Set<String> covered =
        OpCatalog.all().stream()
            .flatMap(row -> row.kernels().stream())
            .map(Class::getSimpleName)
            .collect(Collectors.toSet());
    List<String> missing = kernels().stream().filter(k -> !covered.contains(k)).sorted().toList();
    assertThat(missing).as("kernels without a row in OpCatalog").isEmpty();
  }

  @Test
  void namesAreUnique() {
    assertThat(OpCatalog.all()).extracting(row -> row.name()).doesNotHaveDuplicates();
  }

  private static Set<String> kernels() throws IOException {
    Path classes = Path.of(System.getProperty("lanegrad.kernels.classes"), "org", "lanegrad");
    Set<String> rooms =
        Set.of(
            "activation",
            "dense",
            "elementwise",
            "embedding",
            "loss",
            "matmul",
            "normalization",
            "optimizer",
            "reduction");
    try (Stream<Path> files = Files.walk(classes)) {
      Set<String> kernels =
          files
              .filter(f -> rooms.contains(f.getParent().getFileName().toString()))
              .filter(CatalogCompletenessTest::isPublic)
              .map(CatalogCompletenessTest::simpleName)
              .filter(name -> !name.contains("$") && !NOT_KERNELS.contains(name))
              .collect(Collectors.toSet());
      assertThat(kernels).hasSizeGreaterThanOrEqualTo(44);
      return kernels;
    }
  }

  private static boolean isPublic(Path file) {
    String name = simpleName(file);
    if (!file.toString().endsWith(".class") || name.equals("package-info")) {
      return false;
    }
    String room = file.getParent().getFileName().toString();
    try {
      Class<?> type = Class.forName("org.lanegrad." + room + "." + name);
      return java.lang.reflect.Modifier.isPublic(type.getModifiers());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String simpleName(Path file) {
    return file.getFileName().toString().replaceFirst("\\.class$", "");
  }
}
