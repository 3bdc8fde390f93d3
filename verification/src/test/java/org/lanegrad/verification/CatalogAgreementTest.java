package org.lanegrad.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lanegrad.verification.CheckResult.Witness;
import org.lanegrad.verification.catalog.OpCatalog;
import org.lanegrad.verification.catalog.OpSpec;

/**
 * Every op of the catalog, every witness. {@code -Dlanegrad.op} narrows it to one op, {@code
 * -Dlanegrad.seed} repeats the inputs of a failure.
 */
@Execution(ExecutionMode.CONCURRENT)
class CatalogAgreementTest {
  private static final long SEED = Long.getLong("lanegrad.seed", 20_260_901L);

  static Stream<OpSpec> ops() {
    String one = System.getProperty("lanegrad.op", "");
    return one.isEmpty() ? OpCatalog.all().stream() : Stream.of(OpCatalog.named(one));
  }

  @ParameterizedTest
  @MethodSource("ops")
  void agreesWithItsReferenceAndItsGradientWitnesses(OpSpec op) {
    List<CheckResult> results = new OpVerifier(op, SEED).verify();
    results.forEach(System.out::println);
    assertThat(results).allSatisfy(result -> assertThat(result.passes()).as("%s", result).isTrue());
    assertThat(results).allSatisfy(result -> assertThat(result.cases()).isGreaterThan(5));
    if (op.isDifferentiable()) {
      assertThat(results)
          .extracting(CheckResult::witness)
          .contains(Witness.FORWARD, Witness.BACKWARD, Witness.REFERENCE, Witness.DIFFERENCES);
    }
  }

  @Test
  void theCatalogIsNotEmpty() {
    assertThat(OpCatalog.all()).hasSizeGreaterThanOrEqualTo(14);
  }
}
