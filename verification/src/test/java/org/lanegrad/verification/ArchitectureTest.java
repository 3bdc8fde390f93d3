package org.lanegrad.verification;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Who may import whom. */
class ArchitectureTest {
  private static final String[] KERNELS = {
    "org.lanegrad",
    "org.lanegrad.activation..",
    "org.lanegrad.check..",
    "org.lanegrad.dense..",
    "org.lanegrad.elementwise..",
    "org.lanegrad.embedding..",
    "org.lanegrad.loss..",
    "org.lanegrad.matmul..",
    "org.lanegrad.normalization..",
    "org.lanegrad.optimizer..",
    "org.lanegrad.reduction..",
    "org.lanegrad.simd.."
  };

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.lanegrad");

  @Test
  void theRulesSeeTheClasses() {
    assertThat(CLASSES.stream().filter(c -> c.getPackageName().startsWith("org.lanegrad.matmul")))
        .hasSizeGreaterThanOrEqualTo(10);
    assertThat(CLASSES.stream().filter(c -> c.getPackageName().contains("reference")))
        .hasSizeGreaterThanOrEqualTo(50);
    assertThat(CLASSES.stream().filter(c -> c.getPackageName().contains("verification")))
        .hasSizeGreaterThanOrEqualTo(25);
  }

  @Test
  void kernelsImportNothingButTheJdk() {
    noClasses()
        .that()
        .resideInAnyPackage(KERNELS)
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages(
            concat(
                KERNELS,
                "java.lang..",
                "java.time..",
                "java.util..",
                "com.sun.management..",
                "jdk.incubator.vector.."))
        .check(CLASSES);
  }

  @Test
  void theGraphStandsOnTheKernelsAlone() {
    noClasses()
        .that()
        .resideInAPackage("org.lanegrad.graph..")
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages(
            concat(KERNELS, "org.lanegrad.graph..", "java.lang..", "java.util.."))
        .check(CLASSES);
  }

  @Test
  void modelsStandOnTheGraphAndTheKernelsAlone() {
    noClasses()
        .that()
        .resideInAPackage("org.lanegrad.model..")
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages(
            concat(
                KERNELS,
                "org.lanegrad.graph..",
                "org.lanegrad.model..",
                "java.io..",
                "java.lang..",
                "java.nio..",
                "java.time..",
                "java.util..",
                "com.sun.management..",
                "jdk.jfr.."))
        .check(CLASSES);
  }

  @Test
  void theReferenceNeverSeesTheKernels() {
    noClasses()
        .that()
        .resideInAPackage("org.lanegrad.reference..")
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages("org.lanegrad.reference..", "java..", "org.apache.commons.math3..")
        .check(CLASSES);
  }

  @Test
  void verificationSeesOnlyWhatTheKernelsExport() {
    noClasses()
        .that()
        .resideInAPackage("org.lanegrad.verification..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.lanegrad.simd..", "org.lanegrad.check..")
        .check(CLASSES);
  }

  @Test
  void onlyTheJUnitPackageSeesJUnitAndNothingSeesJmh() {
    noClasses()
        .that()
        .resideInAPackage("org.lanegrad.verification..")
        .and()
        .resideOutsideOfPackage("org.lanegrad.verification.junit..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.junit..", "org.openjdk.jmh..", "org.assertj..")
        .check(CLASSES);
  }

  @Test
  void onlyThePropertyPackageSeesJqwik() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.lanegrad.verification.property..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("net.jqwik..")
        .check(CLASSES);
  }

  @Test
  void noMethodButAPrivateOneTakesOrReturnsAVector() {
    methods()
        .that()
        .areDeclaredInClassesThat()
        .resideInAnyPackage(KERNELS)
        .should(
            new ArchCondition<JavaMethod>("not pass vectors") {
              @Override
              public void check(JavaMethod method, ConditionEvents events) {
                boolean vector =
                    method.getRawReturnType().getSimpleName().equals("FloatVector")
                        || method.getRawParameterTypes().stream()
                            .anyMatch(p -> p.getSimpleName().equals("FloatVector"));
                boolean hidden =
                    method.getModifiers().contains(JavaModifier.PRIVATE)
                        || method.getModifiers().contains(JavaModifier.SYNTHETIC);
                // the one exception, measured: short enough to be inlined anywhere
                boolean acrossLanes = method.getOwner().getSimpleName().equals("AcrossLanes");
                if (vector && !hidden && !acrossLanes) {
                  events.add(SimpleConditionEvent.violated(method, method.getFullName()));
                }
              }
            })
        .check(CLASSES);
  }

  private static String[] concat(String[] first, String... more) {
    String[] all = Arrays.copyOf(first, first.length + more.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return all;
  }
}
