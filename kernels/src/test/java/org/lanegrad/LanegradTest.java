package org.lanegrad;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class LanegradTest {
  @Test
  void theDiagnosisFindsThisMachineHealthy() {
    Diagnosis diagnosis = Lanegrad.diagnose();
    assertThat(diagnosis.isHealthy()).as(diagnosis.toString()).isTrue();
    assertThat(diagnosis.lanes()).isEqualTo(Lanegrad.lanes());
    assertThat(diagnosis.whyNoLanes() == null).isEqualTo(Lanegrad.lanes() > 1);
    assertThat(diagnosis.bytesACall()).isZero();
    assertThat(diagnosis.arrayHeader()).isBetween(12, 20);
    assertThat(diagnosis.toString()).contains("lanes").contains("array header").contains("healthy");
  }

  @Test
  void theDiagnosisIsReadInEnglishAnywhere() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.of("ar", "EG"));
      assertThat(Lanegrad.diagnose().toString()).matches("(?s).*takes [0-9]+\\.[0-9]{3} ns.*");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void aSlowOrAllocatingKernelIsNotHealthy() {
    Diagnosis boxing = new Diagnosis(8, null, true, "C2", true, 16, 0.1, 0.4, 64);
    Diagnosis slow = new Diagnosis(8, null, true, "C2", true, 16, 4, 0.4, 0);
    assertThat(boxing.isHealthy()).isFalse();
    assertThat(slow.isHealthy()).isFalse();
    assertThat(slow.toString()).contains("NOT HEALTHY");
    assertThat(new Diagnosis(8, null, true, "C2", true, 16, 0.1, 0.4, 0).isHealthy()).isTrue();
  }

  @Test
  void theWarmUpEnds() {
    assertThat(Lanegrad.warmUp()).isPositive().isLessThan(Duration.ofSeconds(60));
  }
}
