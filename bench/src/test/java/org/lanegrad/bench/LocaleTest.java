package org.lanegrad.bench;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.parallel.ExecutionMode.CONCURRENT;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Formatter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;

/** Numbers read the same wherever a JVM runs: all formatting names its locale. */
@Execution(CONCURRENT)
class LocaleTest {
  private static final ArchRule RULE =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName(Careless.class.getName())
          .should()
          .callMethod(String.class, "formatted", Object[].class)
          .orShould()
          .callMethod(String.class, "format", String.class, Object[].class)
          .orShould()
          .callMethod(PrintStream.class, "printf", String.class, Object[].class)
          .orShould()
          .callMethod(PrintStream.class, "format", String.class, Object[].class)
          .orShould()
          .callMethod(PrintWriter.class, "printf", String.class, Object[].class)
          .orShould()
          .callMethod(PrintWriter.class, "format", String.class, Object[].class)
          .orShould()
          .callConstructor(Formatter.class)
          .orShould()
          .callMethod(String.class, "toLowerCase")
          .orShould()
          .callMethod(String.class, "toUpperCase");

  @Test
  void allFormattingNamesItsLocale() {
    JavaClasses classes = new ClassFileImporter().importPackages("org.lanegrad");
    assertThat(classes).hasSizeGreaterThan(300);
    RULE.check(classes);
  }

  /** What the rule is there for. */
  private static final class Careless {
    static String percent(double value) {
      return "%.1f %%".formatted(value);
    }
  }

  @Test
  void theRuleSeesACarelessClass() {
    JavaClasses careless = new ClassFileImporter().importClasses(Careless.class);
    assertThatThrownBy(
            () ->
                noClasses()
                    .should()
                    .callMethod(String.class, "formatted", Object[].class)
                    .check(careless))
        .hasMessageContaining("percent");
    assertThat(Careless.percent(50)).contains("50");
  }
}
