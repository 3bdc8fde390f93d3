package org.lanegrad.simd;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.function.UnaryOperator;

/**
 * What a JVM says of itself that bears on vectors, and what follows from it.
 *
 * @param name {@code java.vm.name}
 * @param version {@code java.vm.version}
 * @param feature the Java version
 * @param vectorModule whether the classes of {@code jdk.incubator.vector} are there
 * @param wish the system property {@link Simd#PROPERTY}, "" for none
 * @param flag the value of a HotSpot flag by its name; null for a flag, or a JVM, that has none
 */
public record Jvm(
    String name,
    String version,
    int feature,
    boolean vectorModule,
    String wish,
    UnaryOperator<String> flag) {
  private static final String MODULE = "jdk.incubator.vector";

  /** C2 is the fourth of HotSpot's tiers. */
  private static final int C2 = 4;

  /** The one that runs this. */
  public static Jvm here() {
    return new Jvm(
        System.getProperty("java.vm.name", ""),
        System.getProperty("java.vm.version", ""),
        Runtime.version().feature(),
        hasVectorModule(),
        System.getProperty(Simd.PROPERTY, ""),
        Jvm::hotSpotFlag);
  }

  /** Why the kernels had better run their scalar loops; null if there is no reason. */
  String whyNoLanes() {
    if (wish.equals("off")) {
      return "the system property " + Simd.PROPERTY + " is off";
    }
    if (!vectorModule) {
      return "the module " + MODULE + " is not there; add --add-modules " + MODULE;
    }
    if (wish.equals("on")) {
      return null;
    }
    String why = isGraal() ? whyNotGraal() : whyNotC2();
    if (why == null && !hasFma()) {
      return "there is no fused multiply-add, and without it each would be a slow call; that is a CPU"
          + " without FMA, -XX:UseAVX below 2 or -XX:-UseFMA";
    }
    return why;
  }

  /** Whether a fused multiply-add is one instruction; true where nothing says otherwise. */
  public boolean hasFma() {
    return !"false".equals(flag.apply("UseFMA"));
  }

  /** Whether the CPU is an x86: HotSpot has this flag nowhere else. */
  public boolean isX86() {
    return flag.apply("UseAVX") != null;
  }

  /**
   * Whether the CPU is an x86 of Intel's (or Zhaoxin's): HotSpot says so by a flag that it turns
   * off on no other.
   */
  public boolean isIntel() {
    return "false".equals(flag.apply("UseStoreImmI16"));
  }

  /** The bytes before the first element of a {@code float[]}. */
  public int arrayHeader() {
    String compact = flag.apply("UseCompactObjectHeaders");
    if ("true".equals(compact)) {
      return 12;
    }
    return "false".equals(flag.apply("UseCompressedClassPointers")) ? 20 : 16;
  }

  /** A phrase for a report: which compiler makes the machine code. */
  public String jit() {
    String compiler = isGraal() ? "Graal" : whyNotC2() == null ? "C2" : "no C2";
    return String.format(Locale.ROOT, "%s (%s %s)", compiler, name, version);
  }

  private boolean isGraal() {
    String used = flag.apply("UseJVMCICompiler");
    return used == null ? version.contains("jvmci") : used.equals("true");
  }

  private String whyNotGraal() {
    return feature >= 25
        ? null
        : "Graal " + version + " does not compile the Vector API, which it does from 25 on";
  }

  private String whyNotC2() {
    if (!name.contains("HotSpot") && !name.startsWith("OpenJDK")) {
      return String.format(
          Locale.ROOT,
          "%s %s is not known to compile the Vector API; -D%s=on insists",
          name,
          version,
          Simd.PROPERTY);
    }
    if ("false".equals(flag.apply("UseCompiler"))) {
      return withoutC2("-Xint, -XX:TieredStopAtLevel=0 or -XX:-UseCompiler");
    }
    String level = flag.apply("TieredStopAtLevel");
    boolean tiered = "true".equals(flag.apply("TieredCompilation"));
    if (tiered && level != null && Integer.parseInt(level) < C2) {
      return withoutC2("-XX:TieredStopAtLevel=" + level);
    }
    if ("quick-only".equals(flag.apply("CompilationMode"))) {
      return withoutC2("-XX:CompilationMode=quick-only");
    }
    if (name.contains("Client") || name.contains("Minimal") || name.contains("Zero")) {
      return name + " has no C2 compiler";
    }
    return null;
  }

  private static String withoutC2(String option) {
    return "this JVM runs without its C2 compiler; drop " + option;
  }

  /**
   * Whether the vector classes can be loaded from here: in the boot layer or in one of the
   * program's own.
   */
  private static boolean hasVectorModule() {
    try {
      Class.forName("jdk.incubator.vector.FloatVector", false, Jvm.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }

  private static String hotSpotFlag(String name) {
    try {
      HotSpotDiagnosticMXBean hotSpot =
          ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
      return hotSpot == null ? null : hotSpot.getVMOption(name).getValue();
    } catch (IllegalArgumentException | LinkageError e) {
      // no such flag, or an image without the management modules
      return null;
    }
  }
}
