package org.lanegrad.simd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What follows from the facts of JVMs that this machine doesn't have. */
class JvmTest {
  private static final String OPENJDK = "OpenJDK 64-Bit Server VM";

  /** The flags of a HotSpot that has everything. */
  private final Map<String, String> flags =
      new HashMap<>(
          Map.of(
              "UseFMA", "true",
              "UseCompiler", "true",
              "TieredCompilation", "true",
              "TieredStopAtLevel", "4",
              "CompilationMode", "default",
              "UseJVMCICompiler", "false",
              "UseCompactObjectHeaders", "false",
              "UseCompressedClassPointers", "true"));

  private Jvm hotSpot() {
    return new Jvm(OPENJDK, "25.0.3+9-LTS", 25, true, "", flags::get);
  }

  private Jvm graal(int feature) {
    flags.put("UseJVMCICompiler", "true");
    return new Jvm(OPENJDK, feature + "+37-jvmci-b01", feature, true, "", flags::get);
  }

  @Test
  void theOrdinaryHotSpotHasLanes() {
    assertThat(hotSpot().whyNoLanes()).isNull();
    assertThat(hotSpot().jit()).startsWith("C2 (OpenJDK");
    assertThat(new Jvm("Java HotSpot(TM) 64-Bit Server VM", "25", 25, true, "", flags::get))
        .extracting(Jvm::whyNoLanes)
        .isNull();
  }

  @Test
  void anX86IsToldByItsFlag() {
    assertThat(hotSpot().isX86()).isFalse();
    flags.put("UseAVX", "2");
    assertThat(hotSpot().isX86()).isTrue();
  }

  @Test
  void anIntelIsToldByTheFlagThatIsOffThere() {
    assertThat(hotSpot().isIntel()).isFalse();
    flags.put("UseStoreImmI16", "true");
    assertThat(hotSpot().isIntel()).isFalse();
    flags.put("UseStoreImmI16", "false");
    assertThat(hotSpot().isIntel()).isTrue();
  }

  @Test
  void withoutFusedMultiplyAddThereAreNone() {
    flags.put("UseFMA", "false");
    assertThat(hotSpot().hasFma()).isFalse();
    assertThat(hotSpot().whyNoLanes()).contains("no fused multiply-add").contains("UseAVX");
    assertThat(graal(25).whyNoLanes()).contains("no fused multiply-add");
  }

  @Test
  void whereTheHighestTierIsMissingThereAreNoneAndTheOptionIsNamed() {
    for (int level = 1; level < 4; level++) {
      flags.put("TieredStopAtLevel", Integer.toString(level));
      assertThat(hotSpot().whyNoLanes())
          .contains("without its C2 compiler")
          .contains("-XX:TieredStopAtLevel=" + level);
    }
    assertThat(hotSpot().jit()).startsWith("no C2");
  }

  @Test
  void anInterpreterHasNone() {
    flags.put("UseCompiler", "false");
    assertThat(hotSpot().whyNoLanes()).contains("-Xint").contains("-XX:-UseCompiler");
  }

  @Test
  void aStopLevelMeansNothingWithoutTiers() {
    flags.put("TieredCompilation", "false");
    flags.put("TieredStopAtLevel", "0");
    assertThat(hotSpot().whyNoLanes()).isNull();
  }

  @Test
  void quickOnlyHasNone() {
    flags.put("CompilationMode", "quick-only");
    assertThat(hotSpot().whyNoLanes()).contains("quick-only");
    flags.put("CompilationMode", "high-only");
    assertThat(hotSpot().whyNoLanes()).isNull();
  }

  @Test
  void graalHasLanesFrom25On() {
    assertThat(graal(25).whyNoLanes()).isNull();
    assertThat(graal(25).jit()).startsWith("Graal");
    assertThat(graal(24).whyNoLanes()).contains("does not compile the Vector API");
  }

  @Test
  void otherMachinesMustInsist() {
    Jvm openJ9 = new Jvm("Eclipse OpenJ9 VM", "0.53", 25, true, "", flag -> null);
    assertThat(openJ9.whyNoLanes()).contains("OpenJ9").contains("-Dlanegrad.lanes=on");
    Jvm insisting = new Jvm("Eclipse OpenJ9 VM", "0.53", 25, true, "on", flag -> null);
    assertThat(insisting.whyNoLanes()).isNull();
  }

  @Test
  void machinesWithoutC2InTheirNameHaveNone() {
    for (String kind : new String[] {"Zero", "Minimal", "Client"}) {
      Jvm jvm = new Jvm("OpenJDK 64-Bit " + kind + " VM", "25", 25, true, "", flag -> null);
      assertThat(jvm.whyNoLanes()).contains(kind).contains("has no C2");
    }
  }

  @Test
  void theModuleAndTheWishComeFirst() {
    Jvm bare = new Jvm(OPENJDK, "25", 25, false, "on", flags::get);
    assertThat(bare.whyNoLanes()).contains("--add-modules jdk.incubator.vector");
    Jvm off = new Jvm(OPENJDK, "25", 25, true, "off", flags::get);
    assertThat(off.whyNoLanes()).contains("is off");
  }

  @Test
  void theArrayHeaderFollowsTheObjectHeader() {
    assertThat(hotSpot().arrayHeader()).isEqualTo(16);
    flags.put("UseCompactObjectHeaders", "true");
    assertThat(hotSpot().arrayHeader()).isEqualTo(12);
    flags.put("UseCompactObjectHeaders", "false");
    flags.put("UseCompressedClassPointers", "false");
    assertThat(hotSpot().arrayHeader()).isEqualTo(20);
    assertThat(new Jvm("Eclipse OpenJ9 VM", "0.53", 25, true, "", flag -> null).arrayHeader())
        .isEqualTo(16);
  }

  @Test
  void thisOneKnowsItself() {
    assertThat(Jvm.here().feature()).isEqualTo(Runtime.version().feature());
    assertThat(Jvm.here().flag().apply("UseFMA")).isIn("true", "false");
    assertThat(Jvm.here().flag().apply("NoSuchFlag")).isNull();
    assertThat(Simd.lanes() > 1).isEqualTo(Jvm.here().whyNoLanes() == null);
  }
}
